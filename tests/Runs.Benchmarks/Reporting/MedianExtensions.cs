namespace Runs.Benchmarks.Reporting;

internal static class MedianExtensions
{
    /// <summary>The middle one, or the mean of the two in the middle; not a number when there is none.</summary>
    public static double Median(this IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToList();
        return sorted.Count == 0 ? double.NaN : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
