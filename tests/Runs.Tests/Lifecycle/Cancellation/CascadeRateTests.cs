using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

public sealed class CascadeRateTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(19)]
    [InlineData(1_005)]
    [InlineData(100_000)]
    public void The_limiter_has_the_configured_rate(int perSecond)
    {
        using var limiter = CascadeRate.CreateLimiter(perSecond, maxWaiting: 32);

        var permits = limiter.GetStatistics()!.CurrentAvailablePermits;
        Assert.Equal(perSecond, permits / limiter.ReplenishmentPeriod.TotalSeconds, perSecond * 0.001);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 0.1)]
    [InlineData(100_000, 0.1)]
    public void Tokens_are_added_at_most_ten_times_a_second(int perSecond, double seconds)
    {
        using var limiter = CascadeRate.CreateLimiter(perSecond, maxWaiting: 32);

        Assert.Equal(seconds, limiter.ReplenishmentPeriod.TotalSeconds, 0.001);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(50, 5)]
    [InlineData(1_000, 100)]
    [InlineData(100_000, 100)]
    public void A_page_has_the_runs_of_a_tenth_of_a_second_but_at_most_a_hundred(int perSecond, int size) =>
        Assert.Equal(size, CascadeRate.GetPageSize(perSecond));
}
