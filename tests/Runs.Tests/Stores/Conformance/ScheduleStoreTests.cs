using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>The guarantees of every store of schedules. Each test uses a new store.</summary>
public abstract class ScheduleStoreTests : IAsyncLifetime
{
    /// <summary>The store under test, empty and initialized.</summary>
    protected IScheduleStore Store { get; private set; } = null!;

    /// <summary>The runs of the same database.</summary>
    protected IRunStore Runs { get; private set; } = null!;

    /// <summary>Opens a new, empty database.</summary>
    protected abstract (IScheduleStore Schedules, IRunStore Runs) Open();

    /// <summary>Deletes what <see cref="Open"/> created.</summary>
    protected abstract Task Close();

    public async Task InitializeAsync()
    {
        (Store, Runs) = Open();
        await Runs.Initialize(default);
    }

    public Task DisposeAsync() => Close();

    [Fact]
    public async Task A_stored_schedule_is_found_with_every_member()
    {
        var (full, bare) = (TestSchedules.CreateFull(), TestSchedules.Create() with { DueAt = null, NextFireAt = null });

        Assert.True(await Store.TryInsert(full, default));
        Assert.True(await Store.TryInsert(bare, default));

        AssertEqual(full, await Store.Find(full.Id, default));
        AssertEqual(bare, await Store.Find(bare.Id, default));
        Assert.Null(await Store.Find(Guid.CreateVersion7(), default));
    }

    [Fact]
    public async Task An_id_can_be_inserted_only_once()
    {
        var schedule = await Insert(TestSchedules.Create());

        Assert.False(await Store.TryInsert(schedule with { Name = "other" }, default));

        Assert.Equal(schedule.Name, (await Store.Find(schedule.Id, default))!.Name);
    }

    [Fact]
    public async Task A_replace_requires_the_version_before_its_own()
    {
        var schedule = await Insert(TestSchedules.Create());
        var next = schedule with { Version = 2, Name = "next", DueAt = null };

        Assert.True(await Store.TryReplace(next, default));
        Assert.False(await Store.TryReplace(next, default));
        Assert.False(await Store.TryReplace(schedule with { Version = 4 }, default));
        Assert.False(await Store.TryReplace(TestSchedules.Create() with { Version = 2 }, default));

        AssertEqual(next, await Store.Find(schedule.Id, default));
        Assert.Empty(await Store.ListDue(TestRuns.Noon.AddYears(1), null, [], 10, default));
    }

    [Fact]
    public async Task Of_concurrent_replaces_one_succeeds()
    {
        var schedule = await Insert(TestSchedules.Create());

        var won = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => Store.TryReplace(schedule with { Version = 2, Name = $"{i}" }, default))));

        Assert.Single(won, isReplaced => isReplaced);
        Assert.Equal($"{Array.IndexOf(won, true)}", (await Store.Find(schedule.Id, default))!.Name);
    }

    [Fact]
    public async Task Many_schedules_are_replaced_in_one_call_except_those_that_were_changed()
    {
        Schedule[] schedules = [.. await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Insert(TestSchedules.CreateFull())))];
        var changed = schedules[3] with { Version = schedules[3].Version + 1, Name = "changed" };
        Assert.True(await Store.TryReplace(changed, default));
        Schedule[] next = [.. schedules.Append(TestSchedules.Create()).Select(schedule => schedule with
        {
            Version = schedule.Version + 1,
            Name = "next",
        })];

        var replaced = await Store.Replace(next, default);

        Assert.Equal(schedules.Where(schedule => schedule.Id != changed.Id).Select(schedule => schedule.Id).Order(), replaced.Order());
        foreach (var schedule in next.Take(5))
        {
            AssertEqual(schedule.Id == changed.Id ? changed : schedule, await Store.Find(schedule.Id, default));
        }

        Assert.Null(await Store.Find(next[5].Id, default));
        Assert.Empty(await Store.Replace([], default));
        var again = next.Take(3).Select(schedule => schedule with { Version = schedule.Version + 1, DueAt = null });
        Assert.Equal(3, (await Store.Replace([.. again], default)).Count);
        Assert.Equal(2, (await Store.ListDue(DateTimeOffset.MaxValue, null, [], 10, default)).Count);
    }

    [Fact]
    public async Task Of_concurrent_replaces_of_many_schedules_each_one_succeeds_once()
    {
        Schedule[] schedules = [.. await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Insert(TestSchedules.Create())))];

        var replaced = await Task.WhenAll(Enumerable.Range(0, 5).Select(writer => Task.Run(
            () => Store.Replace([.. schedules.Select(schedule => schedule with { Version = 2, Name = $"{writer}" })], default))));

        foreach (var schedule in schedules)
        {
            var writer = Assert.Single(Enumerable.Range(0, 5), writer => replaced[writer].Contains(schedule.Id));
            Assert.Equal($"{writer}", (await Store.Find(schedule.Id, default))!.Name);
        }
    }

    [Fact]
    public async Task The_schedules_of_a_tenant_are_counted_up_to_a_limit()
    {
        await Insert(TestSchedules.Create() with { ProjectId = "other", Status = ScheduleStatuses.Paused });
        await Insert(TestSchedules.Create());
        await Insert(TestSchedules.Create(tenant: "other"));

        Assert.Equal(2, await Store.Count("dev", 3, default));
        Assert.Equal(1, await Store.Count("dev", 1, default));
        Assert.Equal(0, await Store.Count("none", 3, default));
    }

    [Fact]
    public async Task Schedules_with_an_active_run_are_found()
    {
        Schedule[] schedules = [TestSchedules.Create(), TestSchedules.Create(), TestSchedules.Create(), TestSchedules.Create(tenant: "b")];
        await InsertRun(schedules[0], RunStatuses.Completed);
        await InsertRun(schedules[0], RunStatuses.Waiting);
        await InsertRun(schedules[0], RunStatuses.Running);
        await InsertRun(schedules[1], RunStatuses.Failed);
        await InsertRun(schedules[2] with { Tenant = "b" }, RunStatuses.Pending); // of another tenant
        await InsertRun(schedules[3], RunStatuses.Pending);

        Assert.Equal(new[] { schedules[0].Id, schedules[3].Id }.Order(), (await Store.FindWithActiveRuns(schedules, default)).Order());
        Assert.Empty(await Store.FindWithActiveRuns([schedules[1]], default));
    }

    [Fact]
    public async Task A_delete_requires_the_current_version()
    {
        var schedule = await Insert(TestSchedules.Create());

        Assert.False(await Store.TryDelete(schedule with { Version = 2 }, default));
        Assert.NotNull(await Store.Find(schedule.Id, default));
        Assert.True(await Store.TryDelete(schedule, default));
        Assert.False(await Store.TryDelete(schedule, default));

        Assert.Null(await Store.Find(schedule.Id, default));
    }

    [Fact]
    public async Task Due_schedules_are_listed_most_overdue_first_in_pages()
    {
        var late = await Insert(TestSchedules.Create() with { DueAt = TestRuns.Noon.AddMinutes(-1) });
        var due = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            due.Add((await Insert(TestSchedules.Create(tenant: $"tenant-{i}"))).Id);
        }

        await Insert(TestSchedules.Create() with { DueAt = TestRuns.Noon.AddMilliseconds(1) });
        await Insert(TestSchedules.Create() with { DueAt = null });

        var listed = new List<Guid>();
        await foreach (var page in StorePages.Read<Schedule>(2, after => Store.ListDue(TestRuns.Noon, after, [], 2, default)))
        {
            listed.AddRange(page.Select(schedule => schedule.Id));
        }

        Assert.Equal([late.Id, .. due.Order()], listed);
        var others = await Store.ListDue(TestRuns.Noon, null, ["dev", "tenant-1", "tenant-3"], 10, default);
        Assert.Equal(["tenant-0", "tenant-2", "tenant-4"], others.Select(schedule => schedule.Tenant).Order());
    }

    [Fact]
    public async Task A_list_has_the_schedules_of_its_project_and_tenant_newest_first_in_pages()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await Insert(TestSchedules.Create() with { CreatedAt = TestRuns.Noon.AddSeconds(i / 2) })).Id);
        }

        await Insert(TestSchedules.Create(tenant: "other"));
        await Insert(TestSchedules.Create() with { ProjectId = "other" });

        var listed = new List<Schedule>();
        RunCursor? cursor = null;
        do
        {
            var page = await Store.List(Query(), cursor, 2, default);
            listed.AddRange(page.Schedules);
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(ids.Order(), listed.Select(schedule => schedule.Id).Order());
        Assert.Equal(
            listed.OrderByDescending(schedule => schedule.CreatedAt).ThenByDescending(schedule => schedule.Id.ToString()), listed);
    }

    [Fact]
    public async Task A_list_is_filtered_by_status_and_source()
    {
        var paused = await Insert(TestSchedules.Create() with { Status = ScheduleStatuses.Paused });
        var source = await Insert(TestSchedules.Create() with { SourceTriggerId = "nightly" });

        Assert.Equal([paused.Id], await List(Query() with { Status = ScheduleStatuses.Paused }));
        Assert.Equal([source.Id], await List(Query() with { SourceTriggerId = "nightly" }));
        Assert.Empty(await List(Query() with { Status = ScheduleStatuses.Paused, SourceTriggerId = "nightly" }));
    }

    [Fact]
    public async Task The_runs_of_a_schedule_are_listed_by_whether_they_have_ended()
    {
        var schedule = await Insert(TestSchedules.Create());
        var runs = new Dictionary<string, Run>();
        foreach (var status in RunStatuses.All)
        {
            runs[status] = await InsertRun(schedule, status, minutes: runs.Count);
        }

        await InsertRun(TestSchedules.Create(), RunStatuses.Pending);
        await InsertRun(schedule with { Tenant = "other" }, RunStatuses.Failed);

        Assert.Equal(
            [runs[RunStatuses.Pending].RunId, runs[RunStatuses.Running].RunId, runs[RunStatuses.Waiting].RunId],
            (await Store.ListActiveRuns(schedule, 10, default)).Order());
        Assert.Single(await Store.ListActiveRuns(schedule, 1, default));
        var ended = await Store.ListEndedRuns(schedule, 10, default);
        Assert.Equal([runs[RunStatuses.Failed].RunId, runs[RunStatuses.Completed].RunId], ended.Select(run => run.RunId));
        Assert.Equal((RunStatuses.Failed, "E", TestRuns.Noon.AddHours(1)), (ended[0].Status, ended[0].Error!.Code, ended[0].CompletedAt));
        Assert.Single(await Store.ListEndedRuns(schedule, 1, default));
    }

    [Fact]
    public async Task A_run_that_ends_is_no_longer_active()
    {
        var schedule = await Insert(TestSchedules.Create());
        var run = await InsertRun(schedule, RunStatuses.Running);

        await Runs.TryReplace(run.NextVersion(next => next.Status = RunStatuses.Completed), RunVersion.From(run), default);

        Assert.Empty(await Store.ListActiveRuns(schedule, 1, default));
        Assert.Single(await Store.ListEndedRuns(schedule, 1, default));
    }

    private static ScheduleQuery Query() => new() { Tenant = "dev", ProjectId = TestSchedules.Project };

    private static void AssertEqual(Schedule expected, Schedule? actual) =>
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));

    private async Task<Schedule> Insert(Schedule schedule)
    {
        Assert.True(await Store.TryInsert(schedule, default));
        return schedule;
    }

    private async Task<IEnumerable<Guid>> List(ScheduleQuery query) =>
        (await Store.List(query, null, 10, default)).Schedules.Select(schedule => schedule.Id);

    private async Task<Run> InsertRun(Schedule schedule, string status, int minutes = 0)
    {
        var run = TestRuns.Create(schedule.Tenant);
        (run.ScheduleId, run.Status, run.CreatedAt) = (schedule.Id.ToString(), status, TestRuns.Noon.AddMinutes(minutes));
        if (RunStatuses.IsTerminal(status))
        {
            run.CompletedAt = TestRuns.Noon.AddHours(1);
            run.Error = status == RunStatuses.Failed ? new RunError { Message = "failed", Code = "E" } : null;
        }

        Assert.True(await Runs.TryInsert(run, default));
        return run;
    }
}
