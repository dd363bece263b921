using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Runs.Api.Claims;
using Runs.Store;

namespace Runs.Tests.Claims;

/// <summary>What a process remembers of the pools that were reported to have ready runs.</summary>
public sealed class KnownReadyPoolsTests
{
    private static readonly ClaimPool Other = ClaimPools.ForTarget("p", "task:other");

    private readonly FakeTimeProvider _clock = new();
    private readonly KnownReadyPools _pools;

    public KnownReadyPoolsTests() =>
        _pools = new KnownReadyPools(ReadyRuns.Create().Store, _clock, NullLogger<KnownReadyPools>.Instance);

    [Fact]
    public async Task A_pool_that_is_reported_after_a_scan_may_have_runs()
    {
        Assert.True(await _pools.Scan());
        Assert.False(_pools.MayHaveRuns("dev", ReadyRuns.Pool));

        _pools.Add("dev", ReadyRuns.Pool);

        Assert.True(_pools.MayHaveRuns("dev", ReadyRuns.Pool));
        Assert.False(_pools.MayHaveRuns("other", ReadyRuns.Pool));
        Assert.False(_pools.MayHaveRuns("dev", Other));
    }

    [Fact]
    public async Task Nothing_is_remembered_while_no_claim_waits_and_any_pool_may_have_runs()
    {
        _pools.Add("dev", ReadyRuns.Pool);
        Assert.True(_pools.MayHaveRuns("dev", Other));
        await _pools.Scan();
        _clock.Advance(2 * KnownReadyPools.ScanInterval);

        _pools.Add("dev", ReadyRuns.Pool);

        Assert.Equal(0, _pools.Count);
        Assert.True(_pools.MayHaveRuns("dev", Other));
    }
}
