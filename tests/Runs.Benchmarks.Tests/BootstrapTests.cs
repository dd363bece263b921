using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Tests;

public sealed class BootstrapTests
{
    [Fact]
    public void The_interval_contains_the_ratio_of_the_medians()
    {
        double[] samples = [210, 190, 205, 195, 200];
        double[] others = [98, 104, 100, 96, 102];

        var interval = Bootstrap.RatioOfMedians(samples, others);

        Assert.InRange(samples.Median() / others.Median(), interval.Low, interval.High);
    }

    [Fact]
    public void The_interval_does_not_exceed_the_ratios_of_the_extremes()
    {
        double[] samples = [210, 190, 200];
        double[] others = [98, 104, 100];

        var interval = Bootstrap.RatioOfMedians(samples, others);

        Assert.InRange(interval.Low, 190 / 104.0, interval.High);
        Assert.InRange(interval.High, interval.Low, 210 / 98.0);
    }

    [Fact]
    public void Samples_without_noise_have_an_interval_of_one_point()
    {
        var interval = Bootstrap.RatioOfMedians([30, 30, 30], [20, 20, 20]);

        Assert.Equal(new Interval(1.5, 1.5), interval);
    }

    [Fact]
    public void More_noise_makes_the_interval_wider()
    {
        double[] others = [100, 100, 100, 100, 100];

        var quiet = Bootstrap.RatioOfMedians([99, 101, 100, 100, 100], others);
        var noisy = Bootstrap.RatioOfMedians([70, 130, 100, 80, 120], others);

        Assert.True(noisy.High - noisy.Low > 2 * (quiet.High - quiet.Low), $"{noisy} is not wider than {quiet}");
    }

    [Fact]
    public void The_same_samples_have_the_same_interval()
    {
        double[] samples = [3, 1, 2, 5, 4];
        double[] others = [2, 7, 1, 8, 3];

        Assert.Equal(Bootstrap.RatioOfMedians(samples, others), Bootstrap.RatioOfMedians(samples, others));
    }

    [Fact]
    public void Too_few_samples_are_rejected() =>
        Assert.Throws<ArgumentException>(() => Bootstrap.RatioOfMedians([1, 2], [1, 2, 3]));
}
