namespace Runs.Benchmarks.Statistics;

internal static class MedianExtensions
{
    /// <summary>The median: the mean of the two middle numbers if their count is even; NaN if there are none.</summary>
    public static double Median(this IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToList();
        return sorted.Count == 0 ? double.NaN : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
