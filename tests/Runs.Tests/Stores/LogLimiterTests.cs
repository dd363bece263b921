using Microsoft.Extensions.Time.Testing;
using Runs.Store;

namespace Runs.Tests.Stores;

public sealed class LogLimiterTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Entries_over_the_limit_of_a_period_are_suppressed_and_counted()
    {
        var limiter = new LogLimiter(2, TimeSpan.FromMinutes(1), _clock);

        Assert.Equal([(true, 0), (true, 0), (false, 0), (false, 0)], Enumerable.Range(0, 4).Select(_ => Acquire(limiter)));
        _clock.Advance(TimeSpan.FromMilliseconds(59_999));
        Assert.Equal((false, 0), Acquire(limiter));
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([(true, 3), (true, 0), (false, 0)], Enumerable.Range(0, 3).Select(_ => Acquire(limiter)));
    }

    private static (bool IsAllowed, int Suppressed) Acquire(LogLimiter limiter) => (limiter.TryAcquire(out var suppressed), suppressed);
}
