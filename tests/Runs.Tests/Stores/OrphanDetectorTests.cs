using Microsoft.Extensions.Time.Testing;
using Runs.Store;

namespace Runs.Tests.Stores;

public sealed class OrphanDetectorTests
{
    private readonly SetBackClock _clock = new();
    private readonly OrphanDetector _detector;
    private readonly Guid _run = RunIds.ForRun("dev", "run");

    public OrphanDetectorTests() => _detector = new OrphanDetector(_clock, TimeSpan.FromSeconds(5));

    [Fact]
    public void A_run_of_the_first_sweep_is_treated_as_orphaned()
    {
        Assert.True(Sweep(version: 1));
    }

    [Fact]
    public void A_later_run_is_orphaned_when_unchanged_for_the_minimum_age_by_the_monotonic_clock()
    {
        _detector.BeginSweep();
        _detector.CompleteSweep();

        Assert.False(Sweep(version: 1));
        _clock.SetBack = TimeSpan.FromHours(1);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(Sweep(version: 1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(Sweep(version: 1));
    }

    [Fact]
    public void A_change_resets_the_age_and_an_absent_run_is_forgotten()
    {
        _detector.BeginSweep();
        _detector.CompleteSweep();
        Assert.False(Sweep(version: 1));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(Sweep(version: 2));

        _detector.BeginSweep();
        _detector.CompleteSweep();
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(Sweep(version: 2));
    }

    [Fact]
    public void An_incomplete_sweep_changes_nothing()
    {
        _detector.BeginSweep();
        Assert.True(_detector.IsOrphaned(_run, 1));

        Assert.True(Sweep(version: 1)); // still the first one
        Assert.False(_detector.IsOrphaned(RunIds.ForRun("dev", "another"), 1));
    }

    private bool Sweep(long version)
    {
        _detector.BeginSweep();
        var isOrphaned = _detector.IsOrphaned(_run, version);
        _detector.CompleteSweep();
        return isOrphaned;
    }

    private sealed class SetBackClock() : FakeTimeProvider(TestRuns.Noon)
    {
        public TimeSpan SetBack { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - SetBack;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
