using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Tests;

public sealed class MedianTests
{
    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 2.5)]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { }, double.NaN)]
    public void The_median_is_the_middle_of_the_sorted_numbers(double[] numbers, double expected) =>
        Assert.Equal(expected, numbers.Median());
}
