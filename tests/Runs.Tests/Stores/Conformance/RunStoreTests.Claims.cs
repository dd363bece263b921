using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    protected static ClaimPool Pool { get; } = ClaimPools.ForTarget("p", "task:t");

    [Fact]
    public async Task Ready_runs_of_a_pool_are_listed_by_rank_and_run_id()
    {
        var second = await InsertReady(TestRuns.Noon.AddMilliseconds(1));
        var first = await InsertReady(TestRuns.Noon);
        var third = await InsertReady(TestRuns.Noon.AddMilliseconds(1));

        var candidates = await Store.ListClaimable("dev", Pool, 10, default);

        Run[] expected = [first, .. new[] { second, third }.OrderBy(run => run.RunId, StringComparer.Ordinal)];
        Assert.Equal(expected.Select(run => new ClaimCandidate(run.RunId, run.ClaimRank!.Value)), candidates);
        Assert.Equal(first.RunId, Assert.Single(await Store.ListClaimable("dev", Pool, 1, default)).RunId);
    }

    [Fact]
    public async Task A_run_is_listed_in_its_pool_and_in_that_of_its_kind_only()
    {
        var run = await InsertReady(TestRuns.Noon);

        Assert.Equal(run.RunId, Assert.Single(await Store.ListClaimable("dev", ClaimPools.ForKind("p", "task"), 10, default)).RunId);
        Assert.Empty(await Store.ListClaimable("dev", ClaimPools.ForTarget("p", "task:other"), 10, default));
        Assert.Empty(await Store.ListClaimable("dev", ClaimPools.ForTarget("p", "task:*"), 10, default));
        Assert.Empty(await Store.ListClaimable("dev", ClaimPools.ForKind("q", "task"), 10, default));
        Assert.Empty(await Store.ListClaimable("other", Pool, 10, default));
    }

    [Fact]
    public async Task A_run_that_is_no_longer_ready_is_not_listed()
    {
        var run = await InsertReady(TestRuns.Noon);
        var claimed = run.NextVersion(next => (next.ClaimRank, next.ClaimPool, next.ClaimKindPool) = (null, null, null));

        Assert.True(await Store.TryReplace(claimed, RunVersion.From(run), default));

        Assert.Empty(await Store.ListClaimable("dev", Pool, 10, default));
        Assert.Empty(await Store.ListClaimable("dev", ClaimPools.ForKind("p", "task"), 10, default));
    }

    [Fact]
    public async Task Pools_with_ready_runs_are_found_one_after_another_with_their_first_run()
    {
        Assert.Null(await Store.FindReadyPool(null, default));
        await InsertReady(TestRuns.Noon.AddMilliseconds(1));
        var first = await InsertReady(TestRuns.Noon);
        var otherTarget = await InsertReady(TestRuns.Noon, target: "task:u");
        var otherTenant = await InsertReady(TestRuns.Noon, tenant: "other", target: "task:a");
        await InsertHeld("worker", "process-1");

        var found = new List<ReadyPool>();
        while (await Store.FindReadyPool(found.LastOrDefault(), default) is { } pool)
        {
            found.Add(pool);
        }

        Assert.Equal([Describe(first), Describe(otherTarget), Describe(otherTenant)], found);

        static ReadyPool Describe(Run run) => new(run.Tenant, run.ClaimPool!, new ClaimCandidate(run.RunId, run.ClaimRank!.Value));
    }

    [Fact]
    public async Task A_lease_is_read_with_its_members()
    {
        var run = await Insert(TestRuns.CreateFull());

        var lease = Assert.Single(await Store.ReadLeases([run.Id, TestRuns.Create().Id], default));

        Assert.Equal((run.Id, run.Tenant, run.RunId, run.Version), (lease.Id, lease.Tenant, lease.RunId, lease.Version));
        Assert.Equal((run.Status, run.Phase, run.Attempt), (lease.Status, lease.Phase, lease.Attempt));
        Assert.Equal((run.LeaseOwner, run.LeaseInstance, run.LeaseFenced), (lease.LeaseOwner, lease.LeaseInstance, lease.LeaseFenced));
        Assert.Equal((run.LeaseExpiresAt, run.TimeoutAt, run.WaitExpiresAt), (lease.LeaseExpiresAt, lease.TimeoutAt, lease.WaitExpiresAt));
        Assert.Equal((run.ProjectId, run.UpdatedAt), (lease.ProjectId, lease.UpdatedAt));
    }

    [Fact]
    public async Task A_run_without_a_lease_is_read_without_one()
    {
        var run = await Insert(TestRuns.Create());

        var lease = Assert.Single(await Store.ReadLeases([run.Id], default));

        Assert.Equal((null, null, null), (lease.LeaseOwner, lease.LeaseInstance, lease.LeaseExpiresAt));
        Assert.Equal((0, false, null, null), (lease.Attempt, lease.LeaseFenced, lease.TimeoutAt, lease.WaitExpiresAt));
    }

    [Fact]
    public async Task The_leases_of_one_process_of_a_worker_are_listed()
    {
        var held = await InsertHeld("worker", "process-1");
        await InsertHeld("worker", "process-2");
        await InsertHeld("worker-2", "process-1");
        await InsertHeld("worker", "process-1", tenant: "other");
        await InsertReady(TestRuns.Noon);

        Assert.Equal(held.RunId, Assert.Single(await Store.ListLeases("dev", "worker", "process-1", 10, default)).RunId);

        await InsertHeld("worker", "process-1");
        Assert.Equal(2, (await Store.ListLeases("dev", "worker", "process-1", 10, default)).Count);
        Assert.Single(await Store.ListLeases("dev", "worker", "process-1", 1, default));
    }

    [Fact]
    public async Task A_renewal_changes_the_lease_and_the_due_time_and_not_the_version()
    {
        var run = await InsertHeld("worker", "process-1");
        var renewal = new LeaseRenewal(run.Id, run.Version, Later, Later.AddSeconds(5));

        Assert.Equal([run.Id], await Store.RenewLeases([renewal], default));
        Assert.Equal([run.Id], await Store.RenewLeases([renewal], default));

        var expected = run.NextVersion(next =>
            (next.LeaseExpiresAt, next.DueAt, next.Renewals, next.Version) = (Later, Later.AddSeconds(5), 2, run.Version));
        TestRuns.AssertEqual(expected, await Store.Find(run.Id, default));
        Assert.Equal(RunVersion.From(run), (await Store.GetVersions([run.Id], default))[run.Id]);
        Assert.Equal(run.RunId, Assert.Single(await Store.ListDue(Later.AddSeconds(5), null, [], 10, default)).RunId);
        Assert.Empty(await Store.ListDue(Later.AddSeconds(4), null, [], 10, default));
    }

    [Fact]
    public async Task Renewals_of_runs_that_have_changed_or_do_not_exist_change_nothing()
    {
        var (unchanged, changed) = (await InsertHeld("worker", "process-1"), await InsertHeld("worker", "process-1"));
        var current = changed.NextVersion(next => next.Name = "changed");
        Assert.True(await Store.TryReplace(current, RunVersion.From(changed), default));
        LeaseRenewal[] renewals = [.. new[] { changed, unchanged, TestRuns.Create() }.Select(run =>
            new LeaseRenewal(run.Id, run.Version, Later, Later))];

        Assert.Equal([unchanged.Id], await Store.RenewLeases(renewals, default));
        Assert.Empty(await Store.RenewLeases([], default));

        TestRuns.AssertEqual(current, await Store.Find(changed.Id, default));
    }

    [Fact]
    public async Task A_replace_that_was_decided_before_a_renewal_fails()
    {
        var run = await InsertHeld("worker", "process-1");
        await Store.RenewLeases([new LeaseRenewal(run.Id, run.Version, Later, Later)], default);

        Assert.False(await Store.TryReplace(run.NextVersion(next => next.Name = "late"), RunVersion.From(run), default));

        var renewed = (await Store.Find(run.Id, default))!;
        Assert.Equal(Later, renewed.LeaseExpiresAt);
        var replaced = renewed.NextVersion(next => next.Name = "in time");
        Assert.True(await Store.TryReplace(replaced, RunVersion.From(renewed), default));
        TestRuns.AssertEqual(replaced, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_renewal_after_an_append_and_an_append_after_a_renewal_succeed()
    {
        var run = await InsertHeld("worker", "process-1");
        var head = await Store.TryAppend(RunHead.From(run), [TestRuns.CreateEvent(1)], default);
        Assert.NotNull(head);

        Assert.Single(await Store.RenewLeases([new LeaseRenewal(run.Id, run.Version, Later, Later)], default));

        Assert.NotNull(await Store.TryAppend(head, [TestRuns.CreateEvent(2)], default));
        Assert.Equal((2, Later), ((await Store.Find(run.Id, default))!.LatestEventId, (await Store.Find(run.Id, default))!.LeaseExpiresAt));
    }

    [Fact]
    public async Task A_session_is_set_while_the_version_is_unchanged()
    {
        var run = await InsertHeld("worker", "process-1");
        var session = TestRuns.CreateFull().WorkerSession!;

        Assert.True(await Store.TrySetSession(run, session, default));

        var expected = run.NextVersion(next => (next.WorkerSession, next.Renewals, next.Version) = (session, 1, run.Version));
        TestRuns.AssertEqual(expected, await Store.Find(run.Id, default));
        Assert.False(await Store.TryReplace(run.NextVersion(_ => { }), RunVersion.From(run), default));
        Assert.False(await Store.TrySetSession(TestRuns.Create(), session, default));
    }

    [Fact]
    public async Task A_session_that_was_decided_before_another_change_is_not_set()
    {
        var run = await InsertHeld("worker", "process-1");
        var session = TestRuns.CreateFull().WorkerSession!;
        Assert.True(await Store.TrySetSession(run, session, default));
        Assert.False(await Store.TrySetSession(run, session with { Metadata = null }, default)); // decided before the first

        var afterSession = (await Store.Find(run.Id, default))!;
        await Store.RenewLeases([new LeaseRenewal(run.Id, run.Version, Later, Later)], default);
        Assert.False(await Store.TrySetSession(afterSession, session, default));

        var afterRenewal = (await Store.Find(run.Id, default))!;
        Assert.Equal(session.Metadata, afterRenewal.WorkerSession!.Metadata);
        var replaced = afterRenewal.NextVersion(next => next.Name = "replaced");
        Assert.True(await Store.TryReplace(replaced, RunVersion.From(afterRenewal), default));
        Assert.False(await Store.TrySetSession(afterRenewal, session, default));
    }

    [Fact]
    public async Task A_run_without_payload_has_no_session()
    {
        var run = await Insert(TestRuns.CreateFull());

        Assert.Null((await Store.FindWithoutPayload(run.Id, default))!.WorkerSession);
        Assert.Null(RunHead.From(run).Run.WorkerSession);
    }

    protected Task<Run> InsertReady(DateTimeOffset rank, IRunStore? store = null, string tenant = "dev", string target = "task:t")
    {
        var run = TestRuns.Create(tenant);
        (run.Kind, run.ProjectId, run.Target) = (RunKinds.Task, "p", target);
        (run.ClaimRank, run.ClaimPool, run.ClaimKindPool) = (rank, ClaimPools.GetPool(run), ClaimPools.GetKindPool(run));
        return Insert(run, store);
    }

    protected Task<Run> InsertHeld(string owner, string instance, string tenant = "dev", IRunStore? store = null)
    {
        var run = TestRuns.Create(tenant);
        (run.Status, run.Attempt, run.LeaseOwner, run.LeaseInstance) = (RunStatuses.Running, 1, owner, instance);
        (run.LeaseExpiresAt, run.DueAt) = (TestRuns.Noon.AddMinutes(1), TestRuns.Noon.AddMinutes(1));
        return Insert(run, store);
    }
}
