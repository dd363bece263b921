using System.Globalization;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Measurements;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about creates.</summary>
internal static class CreatesSection
{
    private static readonly (string Heading, Func<Sample, double> Metric)[] Columns =
    [
        ("p50 ms", SampleMetrics.P50),
        ("p95 ms", SampleMetrics.P95),
        ("p99 ms", SampleMetrics.P99),
        ("CPU server", SampleMetrics.ServerCpu),
        ("broker", SampleMetrics.BrokerCpu),
        ("store", SampleMetrics.StoreCpu),
        ("callers", SampleMetrics.CallerCpu),
        ("KB", SampleMetrics.AllocatedKilobytes),
        ("GC ms/s", SampleMetrics.GcPauses),
    ];

    public static string Format(BenchmarkOptions options, BenchmarkResults results)
    {
        if (results.Creates.IsEmpty)
        {
            return "";
        }

        return string.Create(CultureInfo.InvariantCulture, $"""
            ## Creates

            ![Creates per second and latency]({Path.GetFileNameWithoutExtension(options.OutputFile)}.svg)

            Medians over the rounds; the range is that of the creates/s. CPU is seconds of one core per 1,000 creates,
            including the work that the server does after the responses. KB are allocated by the server per create, MB its
            largest resident memory.

            {CreateTable(results)}
            {string.Join("; ", results.CreateSubjects.Select(name => $"**{name}**: {options.DescribeSubject(name)}"))}.

            Runs answered 202 and runs in the store at the end: {string.Join("; ", FormatStoredRuns(results))}.

            """);
    }

    private static MarkdownTable CreateTable(BenchmarkResults results)
    {
        var table = new MarkdownTable(
            1,
            ["", "callers", "creates/s", "range", .. Columns.Select(column => column.Heading), "MB", "catch-up s"]);
        foreach (var callers in results.CreateCallers)
        {
            foreach (var subject in results.CreateSubjects)
            {
                table.AddRow([subject, callers.ToString(CultureInfo.InvariantCulture), .. FormatRow(results, subject, callers)]);
            }
        }

        return table;
    }

    private static IEnumerable<string> FormatRow(BenchmarkResults results, string subject, int callers)
    {
        var key = BenchmarkResults.CreateKey(subject, callers);
        var samples = results.Creates.Find(key);
        yield return FormatMedian(SampleMetrics.PerSecond);
        yield return NumberFormat.FormatRange(samples.Select(SampleMetrics.PerSecond));
        foreach (var (_, metric) in Columns)
        {
            yield return FormatMedian(metric);
        }

        yield return NumberFormat.Format(samples.Max(SampleMetrics.PeakMegabytes));
        yield return FormatMedian(SampleMetrics.CatchUpSeconds);

        string FormatMedian(Func<Sample, double> metric) => NumberFormat.Format(results.Creates.Median(key, metric));
    }

    private static IEnumerable<string> FormatStoredRuns(BenchmarkResults results) => results.AcceptedAndStored
        .Where(subject => subject.Value.Stored > 0)
        .Select(subject => string.Create(
            CultureInfo.InvariantCulture,
            $"{subject.Key} {subject.Value.Accepted:N0} answered, {subject.Value.Stored:N0} stored"));
}
