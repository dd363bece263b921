using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about new processes.</summary>
internal static class StartupSection
{
    public static string Format(BenchmarkResults results)
    {
        if (results.Startup.Count == 0)
        {
            return "";
        }

        var table = new MarkdownTable(
            1, "", "ready s", "range", "first create ms", "hundredth ms", "ratio", "first creates/s", "warm creates/s", "ratio");
        foreach (var samples in results.Startup.GroupBy(sample => sample.Subject))
        {
            table.AddRow(
                samples.Key,
                FormatMedian(sample => sample.ReadySeconds),
                NumberFormat.FormatRange(samples.Select(sample => sample.ReadySeconds)),
                FormatMedian(sample => sample.FirstCreateMilliseconds),
                FormatMedian(sample => sample.HundredthCreateMilliseconds),
                FormatMedian(sample => sample.FirstCreateRatio),
                FormatMedian(sample => sample.FirstCreatesPerSecond),
                FormatMedian(sample => sample.WarmCreatesPerSecond),
                FormatMedian(sample => sample.WarmRateRatio));

            string FormatMedian(Func<StartupSample, double> metric) => NumberFormat.Format(samples.Select(metric).Median());
        }

        return $"""
            ## Startup

            Medians of new processes, on a store that has its indexes. Runs is compiled ahead of time, as in its image; in the
            other parts it is not. Ready: from the start of the process until its health endpoint says that it accepts commands
            (Runs), or until its first 202. The first create and the hundredth are those of a single caller; the first creates
            are the first 20,000, by 64 callers.

            {table}
            """;
    }
}
