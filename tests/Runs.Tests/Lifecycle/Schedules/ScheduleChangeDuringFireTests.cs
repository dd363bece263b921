using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Runs.Api.Schedules;
using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// X25: a fire that is decided is carried out, and no other, also when its schedule is changed.
/// </summary>
public sealed class ScheduleChangeDuringFireTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TestRuns.Noon);
    private ScheduleDatabase _database = null!;
    private ScheduleHost _host = null!;
    private Schedule _schedule = null!;

    /// <summary>A host decides a fire of every minute and is killed before it creates the run.</summary>
    public async Task InitializeAsync()
    {
        _database = await ScheduleDatabase.Create();
        _host = new ScheduleHost(_database, _clock);
        _schedule = await _database.Insert(TestSchedules.Create("* * * * *"));
        var calls = 0;
        await using var killed = new ScheduleHost(_database, _clock, () => ++calls > 3);
        await killed.Poll();
        Assert.Equal(TestRuns.Noon, (await _database.Find(_schedule)).Firing!.At);
        Assert.Null(await _database.FindStatus(_schedule, TestRuns.Noon));
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task Another_host_finishes_the_fire_after_ten_seconds()
    {
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        await _host.PollUntilIdle();
        Assert.Null(await _database.FindStatus(_schedule, TestRuns.Noon));

        await Continue();

        await AssertFires(TestRuns.Noon);
        Assert.Equal(TestRuns.Noon.AddMinutes(1), (await _database.Find(_schedule)).NextFireAt);
    }

    [Fact]
    public async Task A_pause_finishes_the_fire_and_fires_no_more()
    {
        await Update("""{"status":"paused","paused_reason":"r"}""");

        await Continue(minutes: 5);

        await AssertFires(TestRuns.Noon);
        var paused = await _database.Find(_schedule);
        Assert.Equal((ScheduleStatuses.Paused, "r", 1L, 0L), (paused.Status, paused.PausedReason, paused.RunCount, paused.MissedCount));
        Assert.Null(paused.DueAt);
    }

    [Fact]
    public async Task A_resumed_schedule_continues_with_the_first_fire_from_now()
    {
        await Update("""{"status":"paused"}""");
        await Continue(minutes: 5);
        await _database.End(_schedule, TestRuns.Noon, RunStatuses.Completed);
        await Update("""{"status":"active"}""");

        await Continue(minutes: 1);

        await AssertFires(TestRuns.Noon, TestRuns.Noon.AddMinutes(6));
        var resumed = await _database.Find(_schedule);
        Assert.Equal((0L, 0L), (resumed.MissedCount, resumed.SkippedCount));
        Assert.Null(resumed.PausedAt);
    }

    [Fact]
    public async Task Other_times_apply_after_the_fire()
    {
        await Update("""{"schedule":"30 * * * *"}""");

        await Continue(minutes: 5);

        await AssertFires(TestRuns.Noon);
        Assert.Equal(TestRuns.Noon.AddMinutes(30), (await _database.Find(_schedule)).NextFireAt);
    }

    [Fact]
    public async Task A_clock_that_was_ahead_does_not_make_a_fire_repeat()
    {
        await Continue();
        var behind = ScheduleUpdate.Apply(
            Json("""{"schedule":"*/1 * * * *"}"""), await _database.Find(_schedule), TestRuns.Noon.AddMinutes(-2));

        Assert.Equal(TestRuns.Noon.AddMinutes(1), behind.Value!.NextFireAt);
    }

    [Fact]
    public async Task A_deletion_finishes_the_fire_and_waits_for_its_run()
    {
        await _database.Change(
            _schedule, schedule => schedule with { Status = ScheduleStatuses.Deleting, NextFireAt = null }, _clock.GetUtcNow());

        await Continue(minutes: 5);
        await AssertFires(TestRuns.Noon);
        Assert.Equal(ScheduleStatuses.Deleting, (await _database.Find(_schedule)).Status);
        await _database.End(_schedule, TestRuns.Noon, RunStatuses.Failed);
        await Continue(minutes: 1);

        Assert.Null(await _database.Schedules.Find(_schedule.Id, default));
    }

    [Fact]
    public async Task A_lower_maximum_completes_the_schedule_with_the_fire()
    {
        await Update("""{"max_runs":1}""");

        await Continue(minutes: 5);

        await AssertFires(TestRuns.Noon);
        Assert.NotNull((await _database.Find(_schedule)).CompletedAt);
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private async Task Update(string body) => await _database.Change(
        _schedule, schedule => ScheduleUpdate.Apply(Json(body), schedule, _clock.GetUtcNow()).Value!, _clock.GetUtcNow());

    private async Task Continue(int minutes = 0)
    {
        _clock.Advance(minutes == 0 ? ScheduleTimes.TakeoverDelay : TimeSpan.FromMinutes(minutes));
        await _host.PollUntilIdle();
    }

    private async Task AssertFires(params DateTimeOffset[] fires) => Assert.Equal(
        fires, await _database.FindFires(_schedule, Enumerable.Range(-5, 60).Select(minute => TestRuns.Noon.AddMinutes(minute))));
}
