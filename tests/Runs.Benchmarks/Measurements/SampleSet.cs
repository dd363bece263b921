using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Measurements;

/// <summary>The samples of a part of the benchmark, in the order in which they were taken.</summary>
internal sealed class SampleSet
{
    private readonly List<Sample> _samples = [];

    /// <summary>What was measured, in the order of the first round.</summary>
    public IReadOnlyList<SampleKey> Keys => [.. _samples.Select(sample => sample.Key).Distinct()];

    public bool IsEmpty => _samples.Count == 0;

    public IReadOnlyList<Sample> All => _samples;

    public void Add(Sample sample) => _samples.Add(sample);

    /// <summary>The samples of all rounds.</summary>
    public List<Sample> Find(SampleKey key) => _samples.FindAll(sample => sample.Key == key);

    /// <summary>The median of a metric over the rounds; NaN when there is none.</summary>
    public double Median(SampleKey key, Func<Sample, double> metric) => Find(key).Select(metric).Median();

    /// <summary>
    /// The ratio of a metric of two keys for each round, in which both were measured shortly after each other.
    /// </summary>
    public List<double> Ratios(SampleKey key, SampleKey reference, Func<Sample, double> metric) =>
        [.. Find(key).Zip(Find(reference), (one, other) => metric(one) / metric(other))];
}
