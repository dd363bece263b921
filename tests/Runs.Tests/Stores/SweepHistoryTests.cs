using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public sealed class SweepHistoryTests
{
    private readonly ClockThatIsSetBack _clock = new();
    private readonly SweepHistory _history;
    private readonly Guid _run = RunKey.Of("dev", "run");

    public SweepHistoryTests() => _history = new SweepHistory(_clock, TimeSpan.FromSeconds(5));

    [Fact]
    public void What_is_there_at_the_first_sweep_is_left_behind()
    {
        Assert.True(Sweep(version: 1));
    }

    [Fact]
    public void What_comes_later_is_left_behind_when_it_is_unchanged_for_the_time_of_the_monotonic_clock()
    {
        _history.Begin();
        _history.End();

        Assert.False(Sweep(version: 1));
        _clock.SetBack = TimeSpan.FromHours(1);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(Sweep(version: 1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(Sweep(version: 1));
    }

    [Fact]
    public void A_change_begins_the_time_anew_and_what_was_absent_is_forgotten()
    {
        _history.Begin();
        _history.End();
        Assert.False(Sweep(version: 1));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(Sweep(version: 2));

        _history.Begin();
        _history.End();
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(Sweep(version: 2));
    }

    [Fact]
    public void A_sweep_that_failed_half_way_changes_nothing()
    {
        _history.Begin();
        Assert.True(_history.IsLeftBehind(_run, 1));

        Assert.True(Sweep(version: 1)); // still the first one
        Assert.False(_history.IsLeftBehind(RunKey.Of("dev", "another"), 1));
    }

    private bool Sweep(long version)
    {
        _history.Begin();
        var isLeft = _history.IsLeftBehind(_run, version);
        _history.End();
        return isLeft;
    }

    private sealed class ClockThatIsSetBack() : FakeTimeProvider(StoredRun.Noon)
    {
        public TimeSpan SetBack { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - SetBack;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
