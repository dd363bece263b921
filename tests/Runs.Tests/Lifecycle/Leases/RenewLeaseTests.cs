using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The renewal of leases over the broker, and in the store.</summary>
public sealed class RenewLeaseTests : IAsyncLifetime
{
    private LifecycleHarness _harness = null!;

    public async Task InitializeAsync() => _harness = await LifecycleHarness.Start();

    public async Task DisposeAsync() => await _harness.DisposeAsync();

    [Fact]
    public async Task A_renewal_moves_the_end_of_the_lease_and_the_timer_and_nothing_else()
    {
        var claimed = await ClaimRun();
        var before = (await _harness.Find("run_1"))!;
        _harness.Clock.Advance(TimeSpan.FromSeconds(20));

        var end = await Renew(claimed.Claim!.Attempt, leaseSeconds: 90);

        var run = (await _harness.Find("run_1"))!;
        Assert.Equal(_harness.Clock.GetUtcNow().AddSeconds(90), end);
        Assert.Equal((end, end + TimeSpan.FromSeconds(5)), (run.LeaseExpiresAt, run.DueAt));
        Assert.Equal((before.Version, before.UpdatedAt, before.LatestEventId), (run.Version, run.UpdatedAt, run.LatestEventId));
    }

    [Fact]
    public async Task A_renewal_without_a_duration_uses_the_default_and_a_timer_that_is_earlier_stays()
    {
        var claimed = await ClaimRun("""{"target":"task:t","timeout_seconds":30}""");

        var end = await Renew(claimed.Claim!.Attempt);

        Assert.Equal(_harness.Clock.GetUtcNow().AddSeconds(60), end);
        Assert.Equal(_harness.Clock.GetUtcNow().AddSeconds(30), (await _harness.Find("run_1"))!.DueAt);
    }

    [Fact]
    public async Task A_renewal_after_the_end_of_the_lease_keeps_the_attempt_that_no_timer_has_ended()
    {
        var claimed = await ClaimRun();
        _harness.Clock.Advance(TimeSpan.FromSeconds(64));

        Assert.NotNull(await Renew(claimed.Claim!.Attempt));
        _harness.Clock.Advance(TimeSpan.FromSeconds(64));
        await _harness.Bus.Bus.Publish(new RunDue("acme", "run_1"));
        await _harness.Bus.Consumed.Any<RunDue>();

        Assert.Equal((1, 0), ((await _harness.Find("run_1"))!.Attempt, (await _harness.Find("run_1"))!.FailedAttempts));
    }

    [Theory]
    [InlineData("other-worker", 1)]
    [InlineData("worker", 2)]
    public async Task A_renewal_by_another_worker_or_for_another_attempt_gets_no_lease(string workerId, int attempt)
    {
        await ClaimRun();
        var before = (await _harness.Find("run_1"))!;

        Assert.Null(await Renew(attempt, workerId: workerId));

        TestRuns.AssertEqual(before, await _harness.Find("run_1"));
    }

    [Fact]
    public async Task A_renewal_after_the_attempt_or_for_an_unknown_run_gets_no_lease()
    {
        var claimed = await ClaimRun();
        await _harness.Send(LifecycleData.Release(claimed.Claim!.Attempt));

        Assert.Null(await Renew(claimed.Claim.Attempt));
        Assert.Null(await Renew(1, runId: "missing"));
        Assert.Null((await _harness.Find("run_1"))!.LeaseExpiresAt);
    }

    [Fact]
    public async Task A_change_that_was_decided_before_a_renewal_is_decided_again()
    {
        var claimed = await ClaimRun();
        var stale = (await _harness.Find("run_1"))!;
        await Renew(claimed.Claim!.Attempt, leaseSeconds: 300);
        _harness.Script.ReturnNext<Run?>(nameof(IRunStore.Find), stale);

        await _harness.Send(new WaitRun { Tenant = "acme", RunId = "run_1", Reason = WaitingReasons.Event, Attempt = 1 });

        var run = (await _harness.Find("run_1"))!;
        Assert.Equal(RunStatuses.Waiting, run.Status);
        Assert.Equal(_harness.Clock.GetUtcNow().AddSeconds(300), run.LeaseExpiresAt);
    }

    private async Task<RunSnapshot> ClaimRun(string request = """{"target":"task:t"}""")
    {
        await _harness.Send(LifecycleData.Create() with { Kind = RunKinds.Task, Request = new RawJson(request) });
        return await _harness.Send(LifecycleData.Claim() with { WorkerId = "worker", LeaseSeconds = 60 });
    }

    private async Task<DateTimeOffset?> Renew(
        int attempt, string runId = "run_1", string workerId = "worker", int? leaseSeconds = null)
    {
        var command = new RenewLease
        {
            Tenant = "acme",
            RunId = runId,
            WorkerId = workerId,
            Attempt = attempt,
            LeaseSeconds = leaseSeconds,
        };
        var reply = await _harness.Bus.GetRequestClient<RenewLease>().GetResponse<LeaseRenewed>(command);
        Assert.Equal((runId, attempt), (reply.Message.RunId, reply.Message.Attempt));
        return reply.Message.LeaseExpiresAt;
    }
}
