using Microsoft.Extensions.Time.Testing;
using Runs.Api.Claims;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Claims;

public sealed class OfferedCandidatesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ClaimCandidate _candidate = new("run_1", TestRuns.Noon);

    [Fact]
    public void A_candidate_is_offered_once_in_two_seconds()
    {
        var offered = new OfferedCandidates(_clock);

        Assert.True(offered.TryAdd("dev", _candidate));
        Assert.True(offered.TryAdd("other", _candidate));
        Assert.True(offered.TryAdd("dev", _candidate with { Rank = TestRuns.Noon.AddSeconds(1) }));
        _clock.Advance(OfferedCandidates.Interval - TimeSpan.FromMilliseconds(1));
        Assert.False(offered.TryAdd("dev", _candidate));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(offered.TryAdd("dev", _candidate));
    }

    [Fact]
    public void A_returned_candidate_is_offered_again_and_then_not_for_two_seconds()
    {
        var offered = new OfferedCandidates(_clock);
        offered.TryAdd("dev", _candidate);
        offered.Remove("dev", _candidate);
        _clock.Advance(OfferedCandidates.Interval / 2);

        Assert.True(offered.TryAdd("dev", _candidate));
        _clock.Advance(OfferedCandidates.Interval / 2); // the first offer has expired, the second has not
        Assert.False(offered.TryAdd("dev", _candidate));
    }
}
