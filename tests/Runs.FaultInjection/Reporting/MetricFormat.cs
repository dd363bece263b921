using System.Globalization;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Reporting;

/// <summary>Formats the metrics of the result.</summary>
internal static class MetricFormat
{
    /// <summary>A percentile in milliseconds, or a dash if there are no latencies.</summary>
    public static string Percentile(LatencyHistogram latencies, double quantile) => latencies.Count == 0
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{latencies.Percentile(quantile):0.0} ms");

    /// <summary><c>p50 1.2 ms, p99 3.4 ms</c>.</summary>
    public static string Percentiles(LatencyHistogram latencies) =>
        $"p50 {Percentile(latencies, 0.5)}, p99 {Percentile(latencies, 0.99)}";

    /// <summary><c>12 x 202, 3 x 503</c>.</summary>
    public static string CountByValue(IEnumerable<string> values) => string.Join(", ", values
        .GroupBy(value => value)
        .OrderByDescending(same => same.Count())
        .Select(same => $"{same.Count()} x {same.Key}"));

    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
}
