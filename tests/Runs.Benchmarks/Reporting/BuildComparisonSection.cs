using System.Globalization;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Statistics;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section that compares this build of Runs with others.</summary>
internal static class BuildComparisonSection
{
    private static readonly (string Heading, Func<Sample, double> Metric)[] Columns =
    [
        ("creates/s", SampleMetrics.PerSecond),
        ("p50", SampleMetrics.P50),
        ("CPU server", SampleMetrics.ServerCpu),
    ];

    public static string Format(BenchmarkOptions options, BenchmarkResults results)
    {
        if (options.Builds.Count == 0 || results.Creates.IsEmpty)
        {
            return "";
        }

        var table = new MarkdownTable(
            1,
            ["", "callers", .. Columns.SelectMany(column => (string[])[column.Heading, "rounds"])]);
        foreach (var build in options.Builds.Keys)
        {
            foreach (var callers in results.CreateCallers)
            {
                table.AddRow([
                    build,
                    callers.ToString(CultureInfo.InvariantCulture),
                    .. Columns.SelectMany(column => FormatRatios(results, build, callers, column.Metric)),
                ]);
            }
        }

        return $"""
            ## This build beside others

            {BenchmarkSubject.RunsServer} in terms of the other build: the median of the rounds, and all of them.

            {table}
            """;
    }

    private static IEnumerable<string> FormatRatios(
        BenchmarkResults results,
        string build,
        int callers,
        Func<Sample, double> metric)
    {
        var ratios = results.Creates.Ratios(
            BenchmarkResults.CreateKey(BenchmarkSubject.RunsServer, callers), BenchmarkResults.CreateKey(build, callers), metric);
        yield return FormatRatio(ratios.Median());
        yield return string.Join(' ', ratios.Select(FormatRatio));
    }

    private static string FormatRatio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
