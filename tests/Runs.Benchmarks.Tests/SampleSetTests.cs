using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Reporting;
using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Tests;

public sealed class SampleSetTests
{
    private static readonly SampleKey Baseline = new("create", "baseline", 64);
    private static readonly SampleKey Runs = new("create", "runs", 64);

    [Fact]
    public void Ratios_are_taken_of_samples_of_the_same_round()
    {
        var samples = CreateSamples((Baseline, 100), (Runs, 200), (Runs, 600), (Baseline, 200));

        var ratios = samples.Ratios(Runs, Baseline, SampleMetrics.PerSecond);

        Assert.Equal([2, 3], ratios);
    }

    [Fact]
    public void A_key_without_samples_has_no_ratio_and_no_median()
    {
        var samples = CreateSamples((Runs, 200));

        Assert.Empty(samples.Ratios(Runs, Baseline, SampleMetrics.PerSecond));
        Assert.Equal(double.NaN, samples.Ratios(Runs, Baseline, SampleMetrics.PerSecond).Median());
        Assert.Equal(double.NaN, samples.Median(Baseline, SampleMetrics.PerSecond));
    }

    private static SampleSet CreateSamples(params (SampleKey Key, int PerSecond)[] rates)
    {
        var samples = new SampleSet();
        foreach (var (key, perSecond) in rates)
        {
            samples.Add(TestSamples.Create(key, perSecond));
        }

        return samples;
    }
}
