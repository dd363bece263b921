namespace Runs.Benchmarks.Statistics;

/// <summary>
/// The percentile bootstrap: both groups of samples are drawn again many times, with replacement. What the ratio of
/// their medians is in 95 % of these draws is its interval. With a fixed seed, the same samples give the same interval.
/// </summary>
internal static class Bootstrap
{
    /// <summary>With fewer samples, an interval says nothing.</summary>
    public const int MinSamples = 3;

    private const int Draws = 10_000;
    private const double Confidence = 0.95;
    private const int Seed = 20_260_901;

    /// <summary>The interval of the ratio of the median of the samples to the median of others.</summary>
    /// <exception cref="ArgumentException">A group has fewer than <see cref="MinSamples"/> samples.</exception>
    public static Interval RatioOfMedians(IReadOnlyList<double> samples, IReadOnlyList<double> others)
    {
        if (samples.Count < MinSamples || others.Count < MinSamples)
        {
            throw new ArgumentException($"Each group must have at least {MinSamples} samples.", nameof(samples));
        }

        var random = new Random(Seed);
        var ratios = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            ratios[draw] = Resample(samples, random).Median() / Resample(others, random).Median();
        }

        Array.Sort(ratios);
        var tail = (int)((1 - Confidence) / 2 * Draws);
        return new Interval(ratios[tail], ratios[^(tail + 1)]);
    }

    private static double[] Resample(IReadOnlyList<double> samples, Random random) =>
        random.GetItems<double>([.. samples], samples.Count);
}
