using System.Collections;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>
/// The guarantees of every store. The tests of a store derive from this class. Each test uses a new store.
/// </summary>
public abstract partial class RunStoreTests : IAsyncLifetime
{
    /// <summary>The store under test, empty and initialized.</summary>
    protected IRunStore Store { get; private set; } = null!;

    /// <summary>Receives the failure reports of the store.</summary>
    protected StoreAvailability Availability { get; } = new();

    /// <summary>Opens a new, empty store.</summary>
    protected abstract IRunStore Open();

    /// <summary>Deletes the store that <see cref="Open"/> created.</summary>
    protected abstract Task Close();

    /// <summary>Archives some of the run's events, if the store archives events.</summary>
    protected virtual Task ArchiveEvents(Run run) => Task.CompletedTask;

    /// <summary>Opens a store whose database cannot be reached.</summary>
    protected abstract IRunStore OpenUnreachable();

    public async Task InitializeAsync()
    {
        Store = Open();
        await Store.Initialize(default);
    }

    public Task DisposeAsync() => Close();

    [Fact]
    public async Task Initializing_again_changes_nothing()
    {
        var run = await Insert(TestRuns.CreateFull());

        await Task.WhenAll(Store.Initialize(default), Store.Initialize(default));
        await Task.WhenAll(Store.CreateListIndexes(default), Store.CreateListIndexes(default));

        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
        await Store.Ping(default);
    }

    [Fact]
    public async Task A_run_that_was_never_inserted_is_absent()
    {
        Assert.Null(await Store.Find(TestRuns.Create().Id, default));
    }

    [Fact]
    public async Task An_inserted_run_is_found_with_every_member()
    {
        var run = await Insert(TestRuns.CreateFull());

        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task FindLinearizable_returns_the_stored_run_or_null()
    {
        var run = await Insert(TestRuns.CreateFull());

        TestRuns.AssertEqual(run, await Store.FindLinearizable(run.Id, default));
        Assert.Null(await Store.FindLinearizable(TestRuns.Create().Id, default));
    }

    [Fact]
    public async Task A_run_with_only_required_members_is_found_unchanged()
    {
        var run = await Insert(TestRuns.Create());

        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_replaced_run_is_found_with_all_and_with_only_required_members()
    {
        var run = await Insert(TestRuns.Create());
        var full = TestRuns.CreateFull();
        var filled = run.NextVersion(next =>
        {
            string[] kept = [nameof(Run.Id), nameof(Run.Tenant), nameof(Run.RunId), nameof(Run.Renewals)];
            foreach (var member in typeof(Run).GetProperties().Where(member => !kept.Contains(member.Name)))
            {
                member.SetValue(next, member.GetValue(full));
            }
        });

        Assert.True(await Store.TryReplace(filled, RunVersion.From(run), default));
        TestRuns.AssertEqual(filled, await Store.Find(run.Id, default));

        Assert.True(await Store.TryReplace(run, RunVersion.From(filled), default));
        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public void The_full_test_run_sets_every_member()
    {
        var full = TestRuns.CreateFull();
        var values = typeof(Run).GetProperties().ToDictionary(member => member.Name, member => member.GetValue(full));

        Assert.All(values, member => Assert.False(
            member.Value is null or "" or 0 or 0L or ICollection { Count: 0 } || member.Value.Equals(Guid.Empty), member.Key));
        var distinct = values.Values.Select(value => value is RawJson json ? json.Text : value).Distinct();
        Assert.Equal(values.Count - 1, distinct.Count()); // run_id and root_run_id are equal
    }

    [Fact]
    public async Task A_second_insert_is_rejected_and_changes_nothing()
    {
        var run = await Insert(TestRuns.CreateFull());

        Assert.False(await Store.TryInsert(run.NextVersion(next => next.Status = RunStatuses.Failed), default));

        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_replace_of_an_older_version_is_rejected_and_changes_nothing()
    {
        var run = await Insert(TestRuns.Create());
        var started = run.NextVersion(next => next.Status = RunStatuses.Running);
        Assert.True(await Store.TryReplace(started, RunVersion.From(run), default));

        Assert.False(await Store.TryReplace(run.NextVersion(next => next.Status = RunStatuses.Cancelled), RunVersion.From(run), default));

        TestRuns.AssertEqual(started, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_replace_of_an_absent_run_is_rejected_and_inserts_nothing()
    {
        var run = TestRuns.Create();

        Assert.False(await Store.TryReplace(run, new RunVersion(0, 0), default));
        Assert.False(await Store.TryReplace(run, RunVersion.From(run), default));

        Assert.Null(await Store.Find(run.Id, default));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    public async Task Concurrent_writers_have_one_winner_whose_run_is_stored(int writers)
    {
        var run = await Insert(TestRuns.Create());
        var attempts = Enumerable.Range(0, writers).Select(writer => run.NextVersion(next => next.Name = $"writer {writer}")).ToList();

        var won = await Task.WhenAll(attempts.Select(attempt => Task.Run(() => Store.TryReplace(attempt, RunVersion.From(run), default))));

        TestRuns.AssertEqual(Assert.Single(attempts, attempt => won[attempts.IndexOf(attempt)]), await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task Of_200_concurrent_inserts_of_one_id_one_wins_and_is_stored()
    {
        var run = TestRuns.Create();
        var attempts = Enumerable.Range(0, 200).Select(attempt => run.NextVersion(next => next.Name = $"attempt {attempt}")).ToList();

        var won = await Task.WhenAll(attempts.Select(attempt => Task.Run(() => Store.TryInsert(attempt, default))));

        TestRuns.AssertEqual(Assert.Single(attempts, attempt => won[attempts.IndexOf(attempt)]), await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_cancelled_call_throws_OperationCanceled()
    {
        var cancelled = new CancellationToken(canceled: true);
        var run = TestRuns.Create();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryInsert(run, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.Find(run.Id, cancelled));

        Assert.Null(await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task An_unreachable_store_throws_StoreUnavailable_in_every_call_and_reports_it()
    {
        var store = OpenUnreachable();
        var run = TestRuns.Create();
        Func<Task>[] calls =
        [
            () => store.Initialize(default),
            () => store.Ping(default),
            () => store.TryInsert(run, default),
            () => store.TryReplace(run, new RunVersion(1, 0), default),
            () => store.TryAppend(run, [TestRuns.CreateEvent(1)], default),
            () => store.Find(run.Id, default),
            () => store.FindLinearizable(run.Id, default),
            () => store.FindWithoutPayload(run.Id, default),
            () => store.ReadEvents(TestRuns.Create().NextVersion(next => next.LatestEventId = 1), 0, 10, EventVisibility.All, default),
            () => store.GetVersions([run.Id], default),
            () => store.List(new RunQuery { Tenant = "dev", ProjectId = "p" }, null, 10, default),
            () => store.GetStatuses([run.Id], default),
            () => store.ListChildren("dev", ["parent"], null, 10, default),
            () => store.ListDescendants("dev", "root", null, 10, default),
            () => store.ListWithOutbox(null, 10, default),
            () => store.ReadOutboxes([run.Id], default),
            () => store.ClearOutbox([new DispatchedMessages(run.Id, [run.Id])], default),
            () => store.ListDue(TestRuns.Noon, null, [], 10, default),
        ];

        foreach (var call in calls)
        {
            var report = Availability.WaitForFailureReport();
            await Assert.ThrowsAsync<StoreUnavailableException>(call);
            Assert.True(report.IsCompleted);
        }
    }

    private async Task<Run> Insert(Run run, IRunStore? store = null)
    {
        Assert.True(await (store ?? Store).TryInsert(run, default));
        return run;
    }
}
