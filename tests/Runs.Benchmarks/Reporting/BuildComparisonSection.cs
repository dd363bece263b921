using System.Globalization;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section that compares this build of Runs with others.</summary>
internal static class BuildComparisonSection
{
    private static readonly (string Heading, Func<Sample, double> Metric)[] Columns =
    [
        ("creates/s", sample => sample.Load.PerSecond),
        ("p50", sample => sample.Load.Percentile(0.5)),
        ("CPU server", sample => sample.ServerCpuSeconds / sample.Load.SucceededTotal),
    ];

    public static string Format(BenchmarkOptions options, BenchmarkResults results)
    {
        if (options.Builds.Count == 0 || results.CreateSamples.Count == 0)
        {
            return "";
        }

        var table = new MarkdownTable(
            1,
            ["", "callers", .. Columns.SelectMany(column => (string[])[column.Heading, "rounds"])]);
        foreach (var build in options.Builds.Keys)
        {
            foreach (var callers in results.CallerCounts)
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

            {BenchmarkTarget.RunsServer} in terms of the other build: the median of the rounds, and all of them.

            {table}
            """;
    }

    private static IEnumerable<string> FormatRatios(
        BenchmarkResults results,
        string build,
        int callers,
        Func<Sample, double> metric)
    {
        var ratios = results.Ratios(BenchmarkTarget.RunsServer, build, callers, metric).ToList();
        yield return FormatRatio(ratios.Median());
        yield return string.Join(' ', ratios.Select(FormatRatio));
    }

    private static string FormatRatio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
