using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Comparison;

/// <summary>A figure beside the same one of an earlier result.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="Before">The figure of the earlier result.</param>
/// <param name="Ratio">The ratio of the medians.</param>
/// <param name="Interval">The bootstrap interval of the ratio; null if there is none.</param>
internal sealed record FigureComparison(Figure Figure, Figure Before, double Ratio, Interval? Interval)
{
    public Change Change => Interval switch
    {
        null => Change.TooFewSamples,
        { Low: <= 1, High: >= 1 } => Change.WithinNoise,
        { Low: > 1 } => Figure.HigherIsBetter ? Change.Better : Change.Worse,
        _ => Figure.HigherIsBetter ? Change.Worse : Change.Better,
    };

    public static FigureComparison Create(Figure figure, Figure before)
    {
        // A figure that is 0 in a sample, such as the pauses of a short one, has no ratio.
        var hasEnoughSamples = Math.Min(figure.Samples.Count, before.Samples.Count) >= Bootstrap.MinSamples
            && before.Samples.All(sample => sample > 0);
        return new FigureComparison(
            figure,
            before,
            figure.Median() / before.Median(),
            hasEnoughSamples ? Bootstrap.RatioOfMedians(figure.Samples, before.Samples) : null);
    }

    /// <summary>
    /// Whether the figure got worse beyond noise and by more than the tolerance, and may be compared at all.
    /// </summary>
    public bool IsRegression(double tolerance)
    {
        var worsening = Figure.HigherIsBetter ? 1 / Ratio : Ratio;
        return Figure.IsComparable && Change == Change.Worse && worsening > 1 + tolerance;
    }
}
