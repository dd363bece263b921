using System.Globalization;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Measurements;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about creates.</summary>
internal static class CreatesSection
{
    private static readonly (string Heading, Func<Sample, double> Metric)[] Latencies =
    [
        ("p50 ms", sample => sample.Load.Percentile(0.5)),
        ("p95 ms", sample => sample.Load.Percentile(0.95)),
        ("p99 ms", sample => sample.Load.Percentile(0.99)),
    ];

    private static readonly (string Heading, Func<Sample, double> Metric)[] CpuSeconds =
    [
        ("CPU server", sample => sample.ServerCpuSeconds),
        ("broker", sample => sample.BrokerCpuSeconds),
        ("store", sample => sample.StoreCpuSeconds),
        ("callers' own", sample => sample.Load.CallerCpuSeconds),
    ];

    public static string Format(BenchmarkOptions options, BenchmarkResults results)
    {
        if (results.CreateSamples.Count == 0)
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
            {string.Join("; ", results.Targets.Select(name => $"**{name}**: {options.DescribeTarget(name)}"))}.

            Runs answered 202 and runs in the store at the end: {string.Join("; ", FormatStoredRuns(results))}.

            """);
    }

    private static MarkdownTable CreateTable(BenchmarkResults results)
    {
        var table = new MarkdownTable(
            1,
            [
                "", "callers", "creates/s", "range", .. Latencies.Select(column => column.Heading),
                .. CpuSeconds.Select(column => column.Heading), "KB", "GC ms/s", "MB", "catch-up s",
            ]);
        foreach (var callers in results.CallerCounts)
        {
            foreach (var target in results.Targets)
            {
                table.AddRow([target, callers.ToString(CultureInfo.InvariantCulture), .. FormatRow(results, target, callers)]);
            }
        }

        return table;
    }

    private static IEnumerable<string> FormatRow(BenchmarkResults results, string target, int callers)
    {
        var samples = results.SamplesFor(target, callers);
        yield return FormatMedian(sample => sample.Load.PerSecond);
        yield return NumberFormat.FormatRange(samples.Select(sample => sample.Load.PerSecond));
        foreach (var (_, metric) in Latencies)
        {
            yield return FormatMedian(metric);
        }

        foreach (var (_, metric) in CpuSeconds)
        {
            yield return FormatMedian(sample => 1000 * metric(sample) / sample.Load.SucceededTotal);
        }

        yield return FormatMedian(sample => sample.AllocatedBytes / 1024.0 / sample.Load.SucceededTotal);
        yield return FormatMedian(sample => sample.GcPauseMilliseconds / (sample.Load.Seconds + 1));
        yield return NumberFormat.Format(samples.Max(sample => sample.PeakMemoryBytes / 1e6));
        yield return FormatMedian(sample => sample.CatchUpSeconds);

        string FormatMedian(Func<Sample, double> metric) => NumberFormat.Format(results.Median(target, callers, metric));
    }

    private static IEnumerable<string> FormatStoredRuns(BenchmarkResults results) => results.AcceptedAndStored
        .Where(entry => entry.Value.Stored > 0)
        .Select(entry => string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Key} {entry.Value.Accepted:N0} answered, {entry.Value.Stored:N0} stored"));
}
