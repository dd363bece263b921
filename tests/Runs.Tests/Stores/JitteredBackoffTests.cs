using Runs.Store;

namespace Runs.Tests.Stores;

public sealed class JitteredBackoffTests
{
    private static readonly TimeSpan Initial = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 200)]
    [InlineData(3, 800)]
    [InlineData(4, 1000)]
    [InlineData(int.MaxValue, 1000)]
    public void A_delay_doubles_with_each_attempt_up_to_the_maximum(int attempt, int longestMs)
    {
        var delays = Enumerable.Range(0, 500).Select(_ => JitteredBackoff.GetDelay(attempt, Initial, Max).TotalMilliseconds).ToList();

        Assert.All(delays, delay => Assert.InRange(delay, 0, longestMs));
        Assert.True(delays.Max() > 0.9 * longestMs);
        Assert.True(delays.Min() < 0.1 * longestMs);
    }

    [Fact]
    public void A_delay_is_at_least_its_minimum_share_of_the_limit()
    {
        var delays = Enumerable.Range(0, 500).Select(_ => JitteredBackoff.GetDelay(1, Initial, Max, minShare: 0.5).TotalMilliseconds);

        Assert.All(delays, delay => Assert.InRange(delay, 100, 200));
    }
}
