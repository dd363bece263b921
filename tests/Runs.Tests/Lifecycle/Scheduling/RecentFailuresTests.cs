using Microsoft.Extensions.Time.Testing;
using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

public sealed class RecentFailuresTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecentFailures<int> _failures;

    public RecentFailuresTests() => _failures = new RecentFailures<int>(_clock);

    [Fact]
    public void A_failure_is_forgotten_after_five_seconds()
    {
        _failures.Add(1);
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        _failures.Add(2);

        Assert.True(_failures.Contains(1));
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(_failures.Contains(1));
        Assert.True(_failures.Contains(2));
    }

    [Fact]
    public void The_number_of_failures_is_limited()
    {
        for (var key = 0; key <= RecentFailures<int>.MaxCount; key++)
        {
            _failures.Add(key);
        }

        Assert.False(_failures.Contains(0));
        Assert.True(_failures.Contains(1));
        Assert.True(_failures.Contains(RecentFailures<int>.MaxCount));
    }
}
