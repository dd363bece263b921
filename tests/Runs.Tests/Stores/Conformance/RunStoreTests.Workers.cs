using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    private const string WorkerProject = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";

    /// <summary>The workers of the store under test.</summary>
    protected abstract IWorkerStore WorkerStore { get; }

    [Fact]
    public async Task A_worker_is_found_unchanged_by_its_id()
    {
        var full = CreateWorker("full");
        var bare = new Worker
        {
            Id = RunIds.ForWorker("dev", WorkerProject, "kind", "bare"),
            Tenant = "dev",
            ProjectId = WorkerProject,
            ImplementationKind = "kind",
            WorkerKey = "bare",
            CreatedAt = TestRuns.Noon,
            UpdatedAt = TestRuns.Noon,
            Version = 1,
        };

        Assert.True(await WorkerStore.TryInsert(full, default));
        Assert.True(await WorkerStore.TryInsert(bare, default));

        Assert.Equivalent(full, await WorkerStore.Find(full.Id, default), strict: true);
        Assert.Equivalent(bare, await WorkerStore.Find(bare.Id, default), strict: true);
        Assert.Equivalent(full, await WorkerStore.FindLinearizable(full.Id, default), strict: true);
        Assert.Null(await WorkerStore.Find(CreateWorker("other").Id, default));
        Assert.Null(await WorkerStore.FindLinearizable(CreateWorker("other").Id, default));
    }

    [Fact]
    public async Task Workers_without_details_have_all_other_members()
    {
        var (one, other) = (CreateWorker("one"), CreateWorker("other"));
        await WorkerStore.TryInsert(one, default);
        await WorkerStore.TryInsert(other, default);

        var found = await WorkerStore.FindWithoutDetails([one.Id, other.Id, CreateWorker("none").Id], default);

        Assert.Equal(new[] { one.Id, other.Id }.Order(), found.Select(worker => worker.Id).Order());
        Assert.Equivalent(
            one with { Metadata = null, Targets = [] }, found.Single(worker => worker.Id == one.Id), strict: true);
    }

    [Fact]
    public async Task A_worker_can_be_inserted_only_once()
    {
        var worker = CreateWorker("taken");
        await WorkerStore.TryInsert(worker, default);

        Assert.False(await WorkerStore.TryInsert(worker with { DisplayName = "another" }, default));

        Assert.Equal("a name", (await WorkerStore.Find(worker.Id, default))!.DisplayName);
    }

    [Fact]
    public async Task A_worker_is_replaced_only_at_the_expected_version()
    {
        var worker = CreateWorker("replaced");
        await WorkerStore.TryInsert(worker, default);
        var revoked = worker with
        {
            DisplayName = null,
            Metadata = null,
            Targets = [],
            Tokens = [],
            RevokedAt = TestRuns.Noon.AddHours(1),
            Version = 2,
        };

        Assert.False(await WorkerStore.TryReplace(revoked, expectedVersion: 2, default));
        Assert.False(await WorkerStore.TryReplace(CreateWorker("none"), expectedVersion: 1, default));
        Assert.Equivalent(worker, await WorkerStore.Find(worker.Id, default), strict: true);

        Assert.True(await WorkerStore.TryReplace(revoked, expectedVersion: 1, default));
        Assert.Equivalent(revoked, await WorkerStore.Find(worker.Id, default), strict: true);

        var active = worker with { Version = 3 };
        Assert.True(await WorkerStore.TryReplace(active, expectedVersion: 2, default));
        Assert.Equivalent(active, await WorkerStore.Find(worker.Id, default), strict: true);
    }

    [Fact]
    public async Task Of_concurrent_replaces_of_a_worker_one_succeeds()
    {
        var worker = CreateWorker("contended");
        await WorkerStore.TryInsert(worker, default);

        var replaced = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() =>
            WorkerStore.TryReplace(worker with { DisplayName = $"name {i}", Version = 2 }, expectedVersion: 1, default))));

        Assert.Single(replaced, true);
    }

    [Fact]
    public async Task Heartbeats_of_many_workers_are_recorded_and_only_move_forward()
    {
        var (one, other, silent) = (CreateWorker("one"), CreateWorker("other"), CreateWorker("silent") with { LastHeartbeatAt = null });
        foreach (var worker in new[] { one, other with { LastHeartbeatAt = null }, silent })
        {
            await WorkerStore.TryInsert(worker, default);
        }

        var later = one.LastHeartbeatAt!.Value.AddSeconds(1);
        await WorkerStore.RecordHeartbeats([one.Id, other.Id, CreateWorker("none").Id], later, default);
        await WorkerStore.RecordHeartbeats([one.Id], later.AddSeconds(-10), default);

        Assert.Equivalent(one with { LastHeartbeatAt = later }, await WorkerStore.Find(one.Id, default), strict: true);
        Assert.Equal(later, (await WorkerStore.Find(other.Id, default))!.LastHeartbeatAt);
        Assert.Null((await WorkerStore.Find(silent.Id, default))!.LastHeartbeatAt);
        Assert.Null(await WorkerStore.Find(CreateWorker("none").Id, default));
    }

    [Fact]
    public async Task A_replace_does_not_undo_a_heartbeat()
    {
        var worker = CreateWorker("beating");
        await WorkerStore.TryInsert(worker, default);
        var later = worker.LastHeartbeatAt!.Value.AddMinutes(1);
        await WorkerStore.RecordHeartbeats([worker.Id], later, default);

        await WorkerStore.TryReplace(worker with { DisplayName = "new", Version = 2 }, expectedVersion: 1, default);

        var stored = (await WorkerStore.Find(worker.Id, default))!;
        Assert.Equal(("new", later), (stored.DisplayName, stored.LastHeartbeatAt));
    }

    [Fact]
    public async Task Workers_are_listed_by_project_newest_first_without_revoked_ones()
    {
        var workers = Enumerable.Range(0, 5)
            .Select(i => CreateWorker($"worker {i}") with { CreatedAt = TestRuns.Noon.AddMinutes(i / 2) }) // equal times, too
            .ToList();
        Worker[] excluded =
        [
            CreateWorker("revoked") with { RevokedAt = TestRuns.Noon },
            CreateWorker("of another tenant") with { Tenant = "other" },
            CreateWorker("of another project") with { ProjectId = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001" },
        ];
        foreach (var worker in workers.Concat(excluded))
        {
            Assert.True(await WorkerStore.TryInsert(worker, default));
        }

        var (listed, cursor) = (new List<Worker>(), (RunCursor?)null);
        do
        {
            var page = await WorkerStore.List("dev", WorkerProject, cursor, 2, default);
            Assert.True(page.Workers.Count == 2 || page.Next is null);
            Assert.True(page.CharacterCount > 0);
            listed.AddRange(page.Workers);
            cursor = page.Next;
        }
        while (cursor is not null);

        var expected = workers.OrderByDescending(worker => worker.CreatedAt).ThenByDescending(worker => worker.Id.ToString());
        Assert.Equal(expected.Select(worker => worker.Id), listed.Select(worker => worker.Id));
        Assert.Equivalent(workers[4], listed[0], strict: true);
    }

    private static Worker CreateWorker(string key) => new()
    {
        Id = RunIds.ForWorker("dev", WorkerProject, "kind", key),
        Tenant = "dev",
        ProjectId = WorkerProject,
        ImplementationKind = "kind",
        ImplementationDisplayName = "an implementation",
        WorkerKey = key,
        DisplayName = "a name",
        Targets = ["task:one", "workflow:*"],
        MaxConcurrentRuns = 3,
        Metadata = new RawJson("""{ "$set" : 1.0, "a.b": null, "" : [1e400] }"""),
        Tokens =
        [
            WorkerToken.Create("hash one", TestRuns.Noon),
            WorkerToken.Create("hash two", TestRuns.Noon.AddHours(1)) with { ReplacedAt = TestRuns.Noon.AddHours(14) },
        ],
        CreatedAt = TestRuns.Noon,
        UpdatedAt = TestRuns.Noon.AddSeconds(1),
        LastHeartbeatAt = TestRuns.Noon.AddSeconds(2),
        Version = 1,
    };
}
