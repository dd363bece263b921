using Microsoft.Extensions.Time.Testing;
using Runs.Api.Claims;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Claims;

public sealed class AssignedCandidatesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ClaimCandidate _candidate = new("run_1", TestRuns.Noon);

    [Fact]
    public void A_candidate_is_assigned_once_in_two_seconds()
    {
        var assigned = new AssignedCandidates(_clock);

        Assert.True(assigned.TryAdd("dev", _candidate));
        Assert.True(assigned.TryAdd("other", _candidate));
        Assert.True(assigned.TryAdd("dev", _candidate with { Rank = TestRuns.Noon.AddSeconds(1) }));
        _clock.Advance(AssignedCandidates.Interval - TimeSpan.FromMilliseconds(1));
        Assert.False(assigned.TryAdd("dev", _candidate));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(assigned.TryAdd("dev", _candidate));
    }

    [Fact]
    public void A_returned_candidate_is_assigned_again_and_then_not_for_two_seconds()
    {
        var assigned = new AssignedCandidates(_clock);
        assigned.TryAdd("dev", _candidate);
        assigned.Remove("dev", _candidate);
        _clock.Advance(AssignedCandidates.Interval / 2);

        Assert.True(assigned.TryAdd("dev", _candidate));
        _clock.Advance(AssignedCandidates.Interval / 2); // the first assignment has expired, the second has not
        Assert.False(assigned.TryAdd("dev", _candidate));
    }
}
