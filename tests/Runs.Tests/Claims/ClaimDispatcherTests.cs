using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Runs.Api.Claims;
using Runs.Store;

namespace Runs.Tests.Claims;

/// <summary>How the claims of an API process share the reads of a pool, and the runs that they find.</summary>
public sealed class ClaimDispatcherTests
{
    private static readonly StoreUnavailableException StoreIsAway = new("The store is away.", null);

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    public async Task X1_200_claimers_claim_100_runs_once_and_send_few_claims(int processes, bool runsAreFirst)
    {
        await using var harness = await DispatcherHarness.Start(processes);
        var runs = runsAreFirst ? harness.Runs.Add(100) : [];
        var claims = harness.StartClaims(200);
        if (!runsAreFirst)
        {
            runs = harness.Runs.Add(100);
            harness.NotifyReady();
        }

        await harness.AdvanceUntil(() => claims.Count(claim => claim.IsCompleted) == 100);
        harness.Clock.Advance(TimeSpan.FromHours(1));
        var claimed = await Task.WhenAll(claims).WaitAsync(Eventually.Timeout);

        Assert.Equal(runs, claimed.SelectMany(ids => ids).Order());
        Assert.Equal(100, claimed.Count(ids => ids.Count == 0));
        Assert.InRange(harness.Runs.Sent.Count, 100, 110 * processes);
    }

    [Fact]
    public async Task Two_processes_that_empty_a_long_queue_rarely_claim_the_same_run()
    {
        await using var harness = await DispatcherHarness.Start(processes: 2);
        // A decision takes a while, in which the other process reads the run as ready.
        harness.Runs.OnClaim = async _ =>
        {
            await Task.Delay(Random.Shared.Next(1, 10));
            harness.Clock.Advance(TimeSpan.FromMilliseconds(2));
        };
        var runs = harness.Runs.Add(10_000);

        var claimers = Enumerable.Range(0, 64).Select(async i =>
        {
            var claimed = new List<string>();
            while (await harness.Claim(i % 2, wait: TimeSpan.Zero) is [var id])
            {
                claimed.Add(id);
            }

            return claimed;
        });
        var claimed = await Task.WhenAll(claimers).WaitAsync(Eventually.Timeout);

        Assert.Equal(runs, claimed.SelectMany(ids => ids).Order());
        Assert.InRange(harness.Runs.Sent.Count, runs.Count, runs.Count * 1.1);
    }

    [Fact]
    public async Task X1_1000_waiting_claims_share_a_scan_each_second()
    {
        await using var harness = await DispatcherHarness.Start();
        var claims = harness.StartClaims(1000);
        await DispatcherHarness.Until(() => harness.Runs.Scans > 0);

        for (var second = 0; second < 10; second++)
        {
            var before = harness.Runs.Scans;
            for (var tick = 0; tick < 20; tick++)
            {
                harness.Clock.Advance(TimeSpan.FromMilliseconds(50));
            }

            await harness.AdvanceUntil(() => harness.Runs.Scans > before);
        }

        var elapsed = harness.Clock.GetUtcNow() - harness.Clock.Start;
        Assert.InRange(harness.Runs.Scans, 10, (int)elapsed.TotalSeconds + 1);
        Assert.InRange(harness.Runs.Reads, 0, 5); // of the first claims, before the first scan
        Assert.DoesNotContain(claims, claim => claim.IsCompleted);
    }

    [Fact]
    public async Task A_pool_that_the_last_scan_has_not_found_is_not_read()
    {
        await using var harness = await DispatcherHarness.Start();
        var first = harness.Claim();
        await DispatcherHarness.Until(() => harness.Runs.Scans == 1);
        var second = harness.Claim();
        harness.Clock.Advance(ClaimDispatcher.MinReadInterval);
        Assert.Equal((1, 0), (harness.Runs.Scans, harness.Runs.Reads));
        var run = harness.Runs.Add(1);
        harness.NotifyReady();

        Assert.Equal(run, await first.WaitAsync(Eventually.Timeout));
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task Candidates_beyond_a_page_are_read_when_those_of_the_page_are_used_up()
    {
        await using var harness = await DispatcherHarness.Start();
        var runs = harness.Runs.Add(1_000);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            while (harness.Runs.Claimed.Count < runs.Count - 64)
            {
                await harness.Claim();
            }
        })).WaitAsync(Eventually.Timeout); // no time passes for the dispatcher

        Assert.True(harness.Runs.Claimed.Count >= runs.Count - 64);
    }

    [Fact]
    public async Task A_tenant_whose_claims_wait_in_many_pools_has_them_read_less_often()
    {
        await using var harness = await DispatcherHarness.Start();
        harness.Runs.HasManyPools = true;
        var pools = Enumerable.Range(0, 8 * ClaimDispatcher.MaxReadsPerTick).Select(i => ClaimPools.ForTarget("p", $"task:{i}")).ToList();
        var claim = harness.Claim(pools: pools);
        await DispatcherHarness.Until(() => harness.Runs.Reads >= pools.Count);

        for (var second = 1; second < 10; second++)
        {
            harness.Clock.Advance(KnownReadyPools.ScanInterval);
            await DispatcherHarness.Until(() => harness.Runs.Scans > second);
        }

        // Those of a scan, and those that a tick has postponed.
        Assert.InRange(harness.Runs.Reads, pools.Count, pools.Count + (10 * 2 * ClaimDispatcher.MaxReadsPerTick));
        Assert.False(claim.IsCompleted);
    }

    [Fact]
    public async Task A_notice_wakes_as_many_claims_as_there_is_work()
    {
        await using var harness = await DispatcherHarness.Start();
        var claims = harness.StartClaims(10);
        await DispatcherHarness.Until(() => harness.Runs.Scans > 0);

        var first = harness.Runs.Add(3);
        harness.NotifyReady();
        await DispatcherHarness.Until(() => claims.Count(claim => claim.IsCompleted) == 3);
        Assert.Equal(first, harness.Runs.Sent.Order());
        var second = harness.Runs.Add(1);
        harness.NotifyReady();
        await DispatcherHarness.Until(() => claims.Count(claim => claim.IsCompleted) == 4);

        Assert.Equal(first.Concat(second), harness.Runs.Sent.Order());
    }

    [Fact]
    public async Task The_claim_that_has_waited_longest_gets_the_next_run()
    {
        await using var harness = await DispatcherHarness.Start();
        var claims = harness.StartClaims(3);
        await DispatcherHarness.Until(() => harness.Runs.Scans > 0);

        for (var i = 0; i < claims.Count; i++)
        {
            var run = harness.Runs.Add(1);
            harness.NotifyReady();

            Assert.Equal(run, await claims[i].WaitAsync(Eventually.Timeout));
        }
    }

    [Fact]
    public async Task A_rejected_claim_takes_the_next_candidate()
    {
        await using var harness = await DispatcherHarness.Start();
        var stale = harness.Runs.AddStale(2);
        var ready = harness.Runs.Add(1);

        var claimed = await harness.Claim(wait: TimeSpan.Zero);

        Assert.Equal(ready, claimed);
        Assert.Equal(stale.Concat(ready), harness.Runs.Sent);
    }

    [Fact]
    public async Task After_a_rejection_a_process_claims_from_its_half_of_a_long_queue_and_from_all_of_a_short_one()
    {
        await using var harness = await DispatcherHarness.Start();
        harness.Runs.AddStale(1);
        var ready = harness.Runs.Add(300);
        var reply = new TaskCompletionSource();
        var sent = 0;
        harness.Runs.OnClaim = _ => Interlocked.Increment(ref sent) == 2 ? reply.Task : Task.CompletedTask;
        var first = harness.Claim(wait: TimeSpan.Zero); // stays open, so that the rejection is not forgotten
        await DispatcherHarness.Until(() => Volatile.Read(ref sent) == 2);

        var claimed = new List<string>();
        while (await harness.Claim(wait: TimeSpan.Zero, maxRuns: 5) is { Count: > 0 } ids)
        {
            claimed.AddRange(ids);
        }

        reply.SetResult();
        Assert.Single(claimed.Take(40).Select(id => id[^1] % 2).Distinct());
        Assert.Equal(ready, claimed.Concat(await first).Order());
    }

    [Fact]
    public async Task A_claim_that_does_not_wait_ends_after_three_rejections()
    {
        await using var harness = await DispatcherHarness.Start();
        var stale = harness.Runs.AddStale(5);

        Assert.Empty(await harness.Claim(wait: TimeSpan.Zero));

        Assert.Equal(3, harness.Runs.Sent.Count);
        Assert.Subset(stale.ToHashSet(), harness.Runs.Sent.ToHashSet());
    }

    [Fact]
    public async Task A_claim_waits_on_after_three_rejections()
    {
        await using var harness = await DispatcherHarness.Start();
        harness.Runs.AddStale(3);
        var claim = harness.Claim();
        await DispatcherHarness.Until(() => harness.Runs.Sent.Count == 3);

        Assert.False(claim.IsCompleted);
        var ready = harness.Runs.Add(1);
        await harness.AdvanceUntil(() => claim.IsCompleted);

        Assert.Equal(ready, await claim);
    }

    [Fact]
    public async Task A_run_is_released_when_its_caller_has_left_before_the_reply()
    {
        await using var harness = await DispatcherHarness.Start();
        var runs = harness.Runs.Add(2);
        using var caller = new CancellationTokenSource();
        harness.Runs.OnClaim = _ => caller.CancelAsync();

        await harness.SendClaim(maxRuns: 10, aborted: caller.Token);

        Assert.Equal([runs[0]], harness.Runs.Sent);
        Assert.Equal([(runs[0], 1)], harness.Runs.Released);
    }

    [Fact]
    public async Task Runs_are_released_when_their_caller_has_left_and_a_further_claim_fails()
    {
        await using var harness = await DispatcherHarness.Start();
        var runs = harness.Runs.Add(2);
        using var caller = new CancellationTokenSource();
        harness.Runs.OnClaim = run => run == runs[1] ? caller.CancelAsync() : Task.CompletedTask;
        harness.Runs.Problem = () => caller.IsCancellationRequested ? Problems.StoreNotWritable(runs[1]) : null;

        await harness.SendClaim(maxRuns: 10, aborted: caller.Token);

        Assert.Equal([(runs[0], 1)], harness.Runs.Released);
    }

    [Fact]
    public async Task Runs_are_returned_when_a_further_claim_fails()
    {
        await using var harness = await DispatcherHarness.Start();
        var runs = harness.Runs.Add(2);
        harness.Runs.Problem = () => harness.Runs.Sent.Count > 1 ? Problems.StoreNotWritable(runs[1]) : null;

        Assert.Equal([runs[0]], await harness.Claim(maxRuns: 10));

        Assert.Empty(harness.Runs.Released);
    }

    [Fact]
    public async Task A_claim_that_fails_results_in_its_problem()
    {
        await using var harness = await DispatcherHarness.Start();
        harness.Runs.Add(1);
        harness.Runs.Problem = () => Problems.StoreNotWritable("run");

        var result = await harness.SendClaim();

        Assert.Equal(503, result.Problem!.StatusCode);
    }

    [Fact]
    public async Task A_candidate_whose_caller_leaves_before_it_is_sent_goes_to_the_next_claim()
    {
        using var caller = new CancellationTokenSource();
        var clock = new HookedTimeProvider();
        await using var harness = await DispatcherHarness.Start(clock: clock);
        var leaving = harness.SendClaim(aborted: caller.Token);
        var claims = harness.StartClaims(2);
        await DispatcherHarness.Until(() => harness.Runs.Scans > 0);

        // The second candidate is assigned after the first, which the first claim has then, but has not sent.
        var runs = harness.Runs.Add(2);
        clock.CallOnce(afterCandidates: 1, () => _ = caller.CancelAsync());
        harness.NotifyReady();

        Assert.Empty((await leaving.WaitAsync(Eventually.Timeout)).Value!);
        var claimed = await Task.WhenAll(claims).WaitAsync(Eventually.Timeout);
        Assert.Equal(runs, claimed.SelectMany(ids => ids).Order());
        Assert.Equal(runs, harness.Runs.Sent.Order());
        Assert.Empty(harness.Runs.Released);
    }

    [Fact]
    public async Task A_claim_of_many_runs_takes_one_while_others_wait()
    {
        await using var harness = await DispatcherHarness.Start();
        var claims = harness.StartClaims(3, maxRuns: 10);
        await DispatcherHarness.Until(() => harness.Runs.Scans > 0);

        harness.Runs.Add(3);
        harness.NotifyReady();
        var claimed = await Task.WhenAll(claims).WaitAsync(Eventually.Timeout);

        Assert.All(claimed, ids => Assert.Single(ids));
    }

    [Fact]
    public async Task A_claim_of_many_runs_takes_them_in_their_order_while_nothing_else_waits()
    {
        await using var harness = await DispatcherHarness.Start();
        var runs = harness.Runs.Add(5);

        Assert.Equal(runs.Take(3), await harness.Claim(maxRuns: 3));
        Assert.Equal(runs.Skip(3), await harness.Claim(maxRuns: 3));
    }

    [Fact]
    public async Task X7_a_process_that_stops_ends_500_waiting_claims_at_once()
    {
        await using var harness = await DispatcherHarness.Start();
        var claims = harness.StartClaims(500);
        await DispatcherHarness.Until(() => harness.Runs.Scans > 0);

        harness.StopProcesses();

        var claimed = await Task.WhenAll(claims).WaitAsync(Eventually.Timeout); // no time passes for the dispatcher
        Assert.All(claimed, Assert.Empty);
    }

    [Fact]
    public async Task A_failed_read_is_logged_and_the_next_one_finds_the_work()
    {
        await using var harness = await DispatcherHarness.Start();
        harness.Runs.Failure = StoreIsAway;
        var claims = harness.StartClaims(100);
        await DispatcherHarness.Until(() => harness.Log.Count > 0);

        harness.Runs.Failure = null;
        var runs = harness.Runs.Add(1);
        await harness.AdvanceUntil(() => claims.Exists(claim => claim.IsCompleted));

        Assert.Equal(runs, await claims.Single(claim => claim.IsCompleted));
        Assert.All(harness.Log.GetSnapshot(), entry => Assert.Equal((LogLevel.Warning, StoreIsAway), (entry.Level, entry.Exception)));
        Assert.InRange(harness.Log.Count, 1, harness.Runs.Reads);
    }

    [Fact]
    public async Task A_claim_that_does_not_wait_fails_while_the_store_is_away()
    {
        await using var harness = await DispatcherHarness.Start();
        harness.Runs.Failure = StoreIsAway;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => harness.Claim(wait: TimeSpan.Zero));
    }

    [Fact]
    public async Task A_claim_ends_with_its_wait()
    {
        await using var harness = await DispatcherHarness.Start();
        var claim = harness.Claim(wait: TimeSpan.FromSeconds(30));
        await DispatcherHarness.Until(() => harness.Runs.Scans > 0);

        harness.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(claim.IsCompleted);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(await claim.WaitAsync(Eventually.Timeout));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_claim_ends_with_its_wait_when_the_clock_of_the_host_is_set_meanwhile(int hours)
    {
        var clock = new AdjustableTimeProvider();
        await using var harness = await DispatcherHarness.Start(clock: clock);
        harness.Runs.OnClaim = _ =>
        {
            clock.Difference = TimeSpan.FromHours(hours);
            return Task.CompletedTask;
        };
        harness.Runs.AddStale(1); // a rejection, after which the rest of the wait is computed again
        var startedAt = clock.GetTimestamp();

        var claim = harness.Claim(wait: TimeSpan.FromSeconds(3));
        await harness.AdvanceUntil(() => claim.IsCompleted);

        Assert.Empty(await claim);
        Assert.InRange(clock.GetElapsedTime(startedAt), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(6));
    }

    /// <summary>A clock that can be set, while durations stay right.</summary>
    private sealed class AdjustableTimeProvider : FakeTimeProvider
    {
        public TimeSpan Difference { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Difference;

        // That of the base class follows the time.
        public override long GetTimestamp() => base.GetTimestamp() - Difference.Ticks;
    }

    /// <summary>Calls the test while a read assigns its candidates.</summary>
    private sealed class HookedTimeProvider : FakeTimeProvider
    {
        private Action? _action;
        private int _remaining;

        /// <summary>Calls <paramref name="action"/> once, when the candidate after some others is assigned.</summary>
        public void CallOnce(int afterCandidates, Action action)
        {
            // A read of the pool reads the time once when it begins, and once for each candidate.
            _remaining = 1 + afterCandidates;
            Volatile.Write(ref _action, action);
        }

        public override long GetTimestamp()
        {
            if (Volatile.Read(ref _action) is { } action && _remaining-- == 0)
            {
                Volatile.Write(ref _action, null);
                action();
            }

            return base.GetTimestamp();
        }
    }
}
