using System.Globalization;
using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about overload.</summary>
internal static class OverloadSection
{
    public static string Format(BenchmarkResults results)
    {
        if (results.Overload is not { } overload)
        {
            return "";
        }

        var table = new MarkdownTable(
            1, "", "requested/s", "accepted/s", "rejected/s", "with Retry-After", "p50 ms", "p99 ms", "failed", "MB");
        AddRow("256 callers", overload.Normal, overload.Normal.PerSecond, overload.NormalPeakMemory);
        AddRow("five times as much", overload.Overloaded, overload.RequestedPerSecond, overload.OverloadedPeakMemory);
        return $"""
            ## Overload

            {table}
            """;

        void AddRow(string description, LoadResult load, double requestedPerSecond, long peakMemory) => table.AddRow(
            description,
            NumberFormat.Format(requestedPerSecond),
            NumberFormat.Format(load.PerSecond),
            NumberFormat.Format(load.Rejected / load.Seconds),
            NumberFormat.Format(load.RejectedWithRetryAfter / load.Seconds),
            NumberFormat.Format(load.Percentile(0.5)),
            NumberFormat.Format(load.Percentile(0.99)),
            load.Failed.ToString(CultureInfo.InvariantCulture),
            NumberFormat.Format(peakMemory / 1e6));
    }
}
