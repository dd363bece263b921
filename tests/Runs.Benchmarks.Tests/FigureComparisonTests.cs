using Runs.Benchmarks.Comparison;

namespace Runs.Benchmarks.Tests;

public sealed class FigureComparisonTests
{
    private const double Tolerance = 0.05;

    private static readonly Figure Before = TestFigures.Rate(1.00, 1.02, 0.98);

    [Fact]
    public void A_ratio_whose_interval_contains_1_is_within_noise()
    {
        var comparison = FigureComparison.Create(TestFigures.Rate(0.90, 1.05, 0.97), Before);

        Assert.Equal(Change.WithinNoise, comparison.Change);
        Assert.False(comparison.IsRegression(Tolerance));
    }

    [Fact]
    public void A_lower_rate_is_worse()
    {
        var comparison = FigureComparison.Create(TestFigures.Rate(0.80, 0.81, 0.79), Before);

        Assert.Equal(Change.Worse, comparison.Change);
        Assert.True(comparison.IsRegression(Tolerance));
    }

    [Fact]
    public void A_higher_latency_is_worse_and_a_lower_one_is_better()
    {
        var before = Before with { HigherIsBetter = false };

        Assert.Equal(Change.Worse, Compare(1.20, 1.21, 1.19).Change);
        Assert.Equal(Change.Better, Compare(0.80, 0.81, 0.79).Change);

        FigureComparison Compare(params double[] samples) => FigureComparison.Create(before with { Samples = samples }, before);
    }

    [Fact]
    public void A_change_beyond_noise_within_the_tolerance_is_no_regression()
    {
        var comparison = FigureComparison.Create(TestFigures.Rate(0.97, 0.97, 0.97), TestFigures.Rate(1, 1, 1));

        Assert.Equal(Change.Worse, comparison.Change);
        Assert.False(comparison.IsRegression(Tolerance));
        Assert.True(comparison.IsRegression(tolerance: 0.01));
    }

    [Fact]
    public void A_figure_that_moves_with_the_machine_is_no_regression()
    {
        var before = Before with { IsComparable = false };

        var comparison = FigureComparison.Create(before with { Samples = [0.5, 0.5, 0.5] }, before);

        Assert.Equal(Change.Worse, comparison.Change);
        Assert.False(comparison.IsRegression(Tolerance));
    }

    [Fact]
    public void Two_samples_are_too_few()
    {
        var comparison = FigureComparison.Create(TestFigures.Rate(0.5, 0.5), Before);

        Assert.Equal(Change.TooFewSamples, comparison.Change);
        Assert.False(comparison.IsRegression(Tolerance));
    }

    [Fact]
    public void A_figure_that_was_0_has_no_ratio()
    {
        var comparison = FigureComparison.Create(TestFigures.Rate(0, 0, 0), TestFigures.Rate(0, 0, 0));

        Assert.Equal(Change.TooFewSamples, comparison.Change);
        Assert.False(comparison.IsRegression(Tolerance));
    }
}
