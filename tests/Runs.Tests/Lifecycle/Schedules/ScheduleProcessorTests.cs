using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>What a fire does: its run, the overlap policies, the end of a schedule, its health.</summary>
public sealed class ScheduleProcessorTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TestRuns.Noon);
    private ScheduleDatabase _database = null!;
    private ScheduleHost _host = null!;

    public async Task InitializeAsync()
    {
        _database = await ScheduleDatabase.Create();
        _host = new ScheduleHost(_database, _clock);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task A_fire_creates_the_run_that_the_schedule_defines()
    {
        var schedule = await _database.Insert(TestSchedules.Create() with
        {
            Config = new RawJson("""{"full":true}"""),
            CreatedBy = "0c1d2e3f-1111-4222-8333-444455556666",
        });

        await _host.PollUntilIdle();

        var run = (await _database.FindRun(schedule, TestRuns.Noon))!;
        Assert.Equal($"sched_{schedule.Id:N}_20260901T120000Z", run.RunId);
        Assert.Equal((RunKinds.Task, "task:rebuild-index", "Nightly"), (run.Kind, run.Target, run.Name));
        Assert.Equal(
            ("""{"full":true}""", 300, 3, 3_600),
            (run.Config!.Value.Text, run.TimeoutSeconds, run.BackoffLimit, run.StartWithinSeconds));
        Assert.Equal(
            (TriggerKinds.Schedule, $"{schedule.Id}", $"{schedule.Id}", schedule.CreatedBy),
            (run.TriggerKind, run.TriggerId, run.ScheduleId, run.CreatedBy));
        Assert.Contains("\"scheduled_for\":\"2026-09-01T12:00:00.000Z\"", run.Request.Text, StringComparison.Ordinal);
        Assert.Equal(("system", "system", $"{schedule.Id}"), (run.Changes[0].Via, run.Changes[0].Actor!.Type, run.Changes[0].Actor!.Id));
        var stored = await _database.Find(schedule);
        Assert.Null(stored.Firing);
        Assert.Equal(
            (TestRuns.Noon, TestRuns.Noon, TestRuns.Noon.AddDays(1), 1L),
            (stored.LastScheduledAt, stored.CursorAt, stored.NextFireAt, stored.RunCount));
        Assert.Equal(stored.NextFireAt, stored.DueAt);
    }

    [Theory]
    [InlineData(RunKinds.Workflow, null, null)]
    [InlineData(RunKinds.Workflow, """{"a":1}""", """{"a":1}""")]
    [InlineData(RunKinds.Agent, null, "{}")] // without an input, it would be a reservation
    [InlineData(RunKinds.Agent, """{"a":1}""", """{"a":1}""")]
    public async Task The_config_is_the_input_of_a_workflow_and_of_an_agent(string kind, string? config, string? input)
    {
        var schedule = await _database.Insert(TestSchedules.Create() with
        {
            Target = new ScheduleTarget { Kind = kind, Id = "it" },
            Config = config is null ? null : new RawJson(config),
        });

        await _host.PollUntilIdle();

        var run = (await _database.FindRun(schedule, TestRuns.Noon))!;
        Assert.Equal((kind, $"{kind}:it", input), (run.Kind, run.Target, run.Input?.Text));
        Assert.NotNull(run.ClaimRank);
    }

    [Fact]
    public async Task Nothing_happens_before_the_fire()
    {
        var schedule = await _database.Insert(TestSchedules.Create() with { NextFireAt = Noon(1), DueAt = Noon(1) });

        await _host.PollUntilIdle();
        Assert.Null(await _database.FindStatus(schedule, Noon(1)));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _host.PollUntilIdle();

        Assert.Equal(RunStatuses.Pending, await _database.FindStatus(schedule, Noon(1)));
    }

    [Fact]
    public async Task Forbid_skips_fires_while_a_run_is_active()
    {
        var schedule = await Fire(ConcurrencyPolicies.Forbid, minutes: 2);

        Assert.Null(await _database.FindStatus(schedule, Noon(1)));
        var skipped = await _database.Find(schedule);
        Assert.Equal((1L, 2L, Noon(2)), (skipped.RunCount, skipped.SkippedCount, skipped.LastSkippedAt));
        await _database.End(schedule, TestRuns.Noon, RunStatuses.Completed);
        await Advance();
        Assert.Equal(RunStatuses.Pending, await _database.FindStatus(schedule, Noon(3)));
    }

    [Fact]
    public async Task Allow_creates_runs_side_by_side()
    {
        var schedule = await Fire(ConcurrencyPolicies.Allow, minutes: 1);

        Assert.Equal(RunStatuses.Pending, await _database.FindStatus(schedule, TestRuns.Noon));
        Assert.Equal(RunStatuses.Pending, await _database.FindStatus(schedule, Noon(1)));
    }

    [Fact]
    public async Task Replace_cancels_the_active_run_first()
    {
        var schedule = await Fire(ConcurrencyPolicies.Replace, minutes: 1);

        Assert.Equal(RunStatuses.Cancelled, await _database.FindStatus(schedule, TestRuns.Noon));
        Assert.Equal(RunStatuses.Pending, await _database.FindStatus(schedule, Noon(1)));
    }

    [Fact]
    public async Task A_schedule_is_completed_after_its_maximum_of_runs()
    {
        var schedule = await Fire(ConcurrencyPolicies.Allow, minutes: 5, maxRuns: 2);

        var completed = await _database.Find(schedule);
        Assert.Equal((2L, Noon(1)), (completed.RunCount, completed.CompletedAt));
        Assert.Null(completed.NextFireAt);
        Assert.Null(completed.DueAt);
        Assert.Null(await _database.FindStatus(schedule, Noon(2)));
    }

    [Fact]
    public async Task A_deleted_schedule_is_removed_when_its_last_run_has_ended()
    {
        var schedule = await Fire(ConcurrencyPolicies.Allow, minutes: 0);
        await _database.Change(schedule, Delete, _clock.GetUtcNow());

        await Advance();
        Assert.Equal(ScheduleStatuses.Deleting, (await _database.Find(schedule)).Status);
        Assert.Equal(RunStatuses.Pending, await _database.FindStatus(schedule, TestRuns.Noon));
        Assert.Null(await _database.FindStatus(schedule, Noon(1)));
        await _database.End(schedule, TestRuns.Noon, RunStatuses.Completed);
        await Advance();

        Assert.Null(await _database.Schedules.Find(schedule.Id, default));
    }

    [Fact]
    public async Task A_schedule_is_failing_after_three_failures_in_a_row()
    {
        var schedule = await Fire(ConcurrencyPolicies.Allow, minutes: 0);
        var healths = new List<string>();
        foreach (var status in new[] { "completed", "failed", "failed", "failed", "completed" })
        {
            await _database.End(schedule, _clock.GetUtcNow(), status);
            await Advance();
            healths.Add((await _database.Find(schedule)).Health);
        }

        Assert.Equal(["healthy", "healthy", "healthy", "failing", "healthy"], healths);
        var stored = await _database.Find(schedule);
        Assert.Equal(
            (Noon(3).AddSeconds(1), "FAILED", "It failed.", ScheduledRuns.GetRunId(schedule.Id, Noon(3))),
            (stored.LastFailureAt, stored.LastFailureCode, stored.LastFailureMessage, stored.LastFailureRunId));
        Assert.Equal(Noon(4).AddSeconds(1), stored.LastSuccessfulAt);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_fire_finds_an_ended_run_unless_an_outcome_was_stored_since_the_last_fire(bool isStored, bool isOfRejectedFire)
    {
        var schedule = await Fire(ConcurrencyPolicies.Allow, minutes: 0);
        await _database.End(schedule, _clock.GetUtcNow(), RunStatuses.Failed);
        var stored = isOfRejectedFire
            ? (Func<Schedule, Schedule>)(current => current with { LastFailureAt = TestRuns.Noon })
            : current => current with { LastSuccessfulAt = TestRuns.Noon };
        if (isStored)
        {
            await _database.Change(schedule, stored, _clock.GetUtcNow());
        }

        await Advance();

        var isFound = (await _database.Find(schedule)).LastFailureRunId is not null;
        Assert.Equal(!isStored || isOfRejectedFire, isFound);
    }

    [Fact]
    public async Task A_schedule_in_a_zone_that_the_host_lacks_stays_due_for_another_host()
    {
        var schedule = await _database.Insert(TestSchedules.Create(timezone: "Mars/Phobos"));

        var other = await _database.Insert(TestSchedules.Create());

        await _host.PollUntilIdle();

        Assert.IsType<TimeZoneNotFoundException>(Assert.Single(_host.Log.GetSnapshot()).Exception);
        Assert.Equal(TestRuns.Noon, (await _database.Find(schedule)).DueAt);
        Assert.Equal(1, (await _database.Find(other)).RunCount);
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        await _host.PollUntilIdle();
        Assert.Single(_host.Log.GetSnapshot());
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        await _host.PollUntilIdle();
        Assert.Equal(2, _host.Log.Count);
    }

    [Fact]
    public async Task The_schedules_of_one_tenant_delay_those_of_another_by_one_round_at_most()
    {
        var many = Enumerable.Range(0, 700).Select(_ => TestSchedules.Create(tenant: "many"));
        await Task.WhenAll(many.Select(_database.Insert));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var few = await _database.Insert(
            TestSchedules.Create(tenant: "few") with { NextFireAt = _clock.GetUtcNow(), DueAt = _clock.GetUtcNow() });

        Assert.True(await _host.Poll());

        Assert.Equal(1, (await _database.Find(few)).RunCount);
        var due = await _database.Schedules.ListDue(_clock.GetUtcNow(), null, [], 1_000, default);
        Assert.Equal(700 - ScheduleProcessor.MaxSchedulesPerRound + 1, due.Count);
        await _host.PollUntilIdle();
        Assert.Empty(await _database.Schedules.ListDue(_clock.GetUtcNow(), null, [], 1_000, default));
    }

    [Fact]
    public async Task A_change_between_the_create_of_a_run_and_the_next_fire_does_not_hold_up_the_schedule()
    {
        var schedule = await _database.Insert(TestSchedules.Create("* * * * *"));
        var calls = 0;
        await using var host = new ScheduleHost(_database, _clock, () =>
        {
            if (++calls == 5) // list, active runs, decide, create; before it moves on
            {
                _database.Change(schedule, stored => stored with { Name = "changed" }, _clock.GetUtcNow()).GetAwaiter().GetResult();
            }

            return false;
        });

        await host.PollUntilIdle();

        var stored = await _database.Find(schedule);
        Assert.Equal(("changed", 1L, Noon(1)), (stored.Name, stored.RunCount, stored.NextFireAt));
        Assert.Null(stored.Firing);
    }

    [Fact]
    public async Task A_run_of_a_caller_with_the_id_of_a_fire_is_not_counted_as_its_run()
    {
        var schedule = await _database.Insert(TestSchedules.Create("* * * * *"));
        var runId = ScheduledRuns.GetRunId(schedule.Id, TestRuns.Noon);
        Assert.True(await _database.Runs.TryInsert(
            new Run
            {
                Id = RunIds.ForRun(schedule.Tenant, runId),
                Tenant = schedule.Tenant,
                RunId = runId,
                RootRunId = runId,
                Kind = RunKinds.Task,
                Status = RunStatuses.Pending,
                Version = 1,
                Owner = new Owner { Kind = OwnerKinds.Project, Id = schedule.ProjectId },
                CreatedAt = TestRuns.Noon,
                UpdatedAt = TestRuns.Noon,
                Request = new RawJson("{}"),
            },
            default));

        await _host.PollUntilIdle();

        var stored = await _database.Find(schedule);
        Assert.Equal((0L, 1L, "RUN_ID_TAKEN"), (stored.RunCount, stored.MissedCount, stored.LastFailureCode));
        Assert.Contains("RUN_ID_TAKEN", Assert.Single(_host.Log.GetSnapshot()).Message, StringComparison.Ordinal);
        await Advance();
        Assert.Equal(1, (await _database.Find(schedule)).RunCount);
    }

    [Fact]
    public async Task A_fire_that_the_store_cannot_carry_out_does_not_hold_up_the_others()
    {
        var runs = ScriptedStore.Wrap(_database.Runs, out var script);
        await using var host = new ScheduleHost(_database, _clock, runs: runs);
        var first = await _database.Insert(TestSchedules.Create("* * * * *"));
        var second = await _database.Insert(TestSchedules.Create("* * * * *"));
        script.FailNext(nameof(IRunStore.TryInsert), new StoreUnavailableException("Unavailable.", null));

        await host.PollUntilIdle();

        Assert.Single(new[] { await _database.Find(first), await _database.Find(second) }, schedule => schedule.RunCount == 1);
        _clock.Advance(ScheduleTimes.TakeoverDelay);
        await host.PollUntilIdle();
        Assert.Equal((1, 1), ((await _database.Find(first)).RunCount, (await _database.Find(second)).RunCount));
    }

    private static DateTimeOffset Noon(int minutes) => TestRuns.Noon.AddMinutes(minutes);

    private static Schedule Delete(Schedule schedule) => schedule with { Status = ScheduleStatuses.Deleting, NextFireAt = null };

    private async Task Advance()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _host.PollUntilIdle();
    }

    // Every minute, from noon.
    private async Task<Schedule> Fire(string policy, int minutes, int? maxRuns = null)
    {
        var schedule = await _database.Insert(
            TestSchedules.Create("* * * * *") with { ConcurrencyPolicy = policy, MaxRuns = maxRuns });
        await _host.PollUntilIdle();
        for (var minute = 0; minute < minutes; minute++)
        {
            await Advance();
        }

        return schedule;
    }
}
