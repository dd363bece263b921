using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>What every store promises. A store passes by deriving from this class; each test has a store of its own.</summary>
public abstract partial class RunStoreTests : IAsyncLifetime
{
    /// <summary>The store under test, empty and prepared.</summary>
    protected IRunStore Store { get; private set; } = null!;

    /// <summary>What the store reports its failures to.</summary>
    protected StoreAvailability Availability { get; } = new();

    /// <summary>A new store over nothing.</summary>
    protected abstract IRunStore Open();

    /// <summary>Takes away what <see cref="Open"/> made.</summary>
    protected abstract Task Close();

    /// <summary>A store whose place cannot be reached.</summary>
    protected abstract IRunStore OpenUnreachable();

    public async Task InitializeAsync()
    {
        Store = Open();
        await Store.Prepare(default);
    }

    public Task DisposeAsync() => Close();

    [Fact]
    public async Task Preparing_again_changes_nothing()
    {
        var run = await Inserted(StoredRun.Full());

        await Task.WhenAll(Store.Prepare(default), Store.Prepare(default));
        await Task.WhenAll(Store.PrepareLists(default), Store.PrepareLists(default));

        StoredRun.AssertSame(run, await Store.Find(run.Id, default));
        await Store.Ping(default);
    }

    [Fact]
    public async Task A_run_that_was_never_inserted_is_absent()
    {
        Assert.Null(await Store.Find(StoredRun.New().Id, default));
    }

    [Fact]
    public async Task An_inserted_run_is_found_as_it_was_with_every_member()
    {
        var run = await Inserted(StoredRun.Full());

        StoredRun.AssertSame(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task The_latest_run_is_the_same_run_and_absent_where_there_is_none()
    {
        var run = await Inserted(StoredRun.Full());

        StoredRun.AssertSame(run, await Store.FindLatest(run.Id, default));
        Assert.Null(await Store.FindLatest(StoredRun.New().Id, default));
    }

    [Fact]
    public async Task A_run_with_nothing_but_the_necessary_is_found_as_it_was()
    {
        var run = await Inserted(StoredRun.New());

        StoredRun.AssertSame(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_replaced_run_is_found_as_it_was_with_every_member_and_with_none()
    {
        var run = await Inserted(StoredRun.New());
        var full = StoredRun.Full();
        var filled = run.Next(next =>
        {
            foreach (var member in typeof(Run).GetProperties().Where(member => member.Name is not ("Id" or "Tenant" or "RunId")))
            {
                member.SetValue(next, member.GetValue(full));
            }
        });

        Assert.True(await Store.TryReplace(filled, RunStamp.Of(run), default));
        StoredRun.AssertSame(filled, await Store.Find(run.Id, default));

        Assert.True(await Store.TryReplace(run, RunStamp.Of(filled), default));
        StoredRun.AssertSame(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public void The_full_run_of_these_tests_forgets_no_member()
    {
        var full = StoredRun.Full();
        var values = typeof(Run).GetProperties().ToDictionary(member => member.Name, member => member.GetValue(full));

        Assert.All(values, member => Assert.False(
            member.Value is null or "" or 0 or 0L || member.Value.Equals(Guid.Empty) || member.Value is System.Collections.ICollection { Count: 0 },
            member.Key));
        Assert.Equal(values.Count, values.Values.Select(value => value is RawJson json ? json.Text : value).Distinct().Count() + 1); // run_id and root_run_id
    }

    [Fact]
    public async Task A_second_insert_is_refused_and_changes_nothing()
    {
        var run = await Inserted(StoredRun.Full());

        Assert.False(await Store.TryInsert(run.Next(next => next.Status = RunStatuses.Failed), default));

        StoredRun.AssertSame(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_replace_of_an_older_version_is_refused_and_changes_nothing()
    {
        var run = await Inserted(StoredRun.New());
        var started = run.Next(next => next.Status = RunStatuses.Running);
        Assert.True(await Store.TryReplace(started, RunStamp.Of(run), default));

        Assert.False(await Store.TryReplace(run.Next(next => next.Status = RunStatuses.Cancelled), RunStamp.Of(run), default));

        StoredRun.AssertSame(started, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_replace_of_an_absent_run_is_refused_and_inserts_nothing()
    {
        var run = StoredRun.New();

        Assert.False(await Store.TryReplace(run, new RunStamp(0, 0), default));
        Assert.False(await Store.TryReplace(run, RunStamp.Of(run), default));

        Assert.Null(await Store.Find(run.Id, default));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    public async Task Of_writers_at_the_same_time_one_wins_and_its_run_is_kept(int writers)
    {
        var run = await Inserted(StoredRun.New());
        var attempts = Enumerable.Range(0, writers).Select(writer => run.Next(next => next.Name = $"writer {writer}")).ToList();

        var won = await Task.WhenAll(attempts.Select(attempt => Task.Run(() => Store.TryReplace(attempt, RunStamp.Of(run), default))));

        StoredRun.AssertSame(Assert.Single(attempts, attempt => won[attempts.IndexOf(attempt)]), await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task Of_200_inserts_of_one_id_at_the_same_time_one_wins_and_its_run_is_kept()
    {
        var run = StoredRun.New();
        var attempts = Enumerable.Range(0, 200).Select(attempt => run.Next(next => next.Name = $"attempt {attempt}")).ToList();

        var won = await Task.WhenAll(attempts.Select(attempt => Task.Run(() => Store.TryInsert(attempt, default))));

        StoredRun.AssertSame(Assert.Single(attempts, attempt => won[attempts.IndexOf(attempt)]), await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        var cancelled = new CancellationToken(canceled: true);
        var run = StoredRun.New();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryInsert(run, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.Find(run.Id, cancelled));

        Assert.Null(await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_says_so_in_every_call_and_reports_it()
    {
        var store = OpenUnreachable();
        using var disposal = store as IDisposable;
        var run = StoredRun.New();
        Func<Task>[] calls =
        [
            () => store.Prepare(default),
            () => store.Ping(default),
            () => store.TryInsert(run, default),
            () => store.TryReplace(run, new RunStamp(1, 0), default),
            () => store.TryAppend(run, [StoredRun.Event(1)], default),
            () => store.Find(run.Id, default),
            () => store.FindLatest(run.Id, default),
            () => store.FindHead(run.Id, default),
            () => store.Events(StoredRun.New().Next(next => next.LatestEventId = 1), 0, 10, EventScope.All, default),
            () => store.Stamps([run.Id], default),
            () => store.List(new RunQuery { Tenant = "dev", ProjectId = "p" }, null, 10, default),
            () => store.Statuses([run.Id], default),
            () => store.Children("dev", ["parent"], null, 10, default),
            () => store.Unsent(null, 10, default),
            () => store.WithOutbox([run.Id], default),
            () => store.ClearOutbox([new SentMessages(run.Id, [run.Id])], default),
            () => store.Due(StoredRun.Noon, null, [], 10, default),
        ];

        foreach (var call in calls)
        {
            var report = Availability.NextReport();
            await Assert.ThrowsAsync<StoreUnavailableException>(call);
            Assert.True(report.IsCompleted);
        }
    }

    private async Task<Run> Inserted(Run run)
    {
        Assert.True(await Store.TryInsert(run, default));
        return run;
    }
}
