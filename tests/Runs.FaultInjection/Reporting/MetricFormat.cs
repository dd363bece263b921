using System.Globalization;

namespace Runs.FaultInjection.Reporting;

/// <summary>Figures as the verdict shows them.</summary>
internal static class MetricFormat
{
    public static string Percentile(IEnumerable<double> seconds, double quantile)
    {
        var sorted = seconds.Order().ToList();
        return sorted.Count == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{1000 * sorted[(int)(quantile * (sorted.Count - 1))]:0.0} ms");
    }

    /// <summary><c>12 x 202, 3 x 503</c>.</summary>
    public static string CountByValue(IEnumerable<string> answers) =>
        string.Join(", ", answers.GroupBy(answer => answer).OrderByDescending(same => same.Count()).Select(same => $"{same.Count()} x {same.Key}"));
}
