using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>X24: which fires create runs after the service was stopped, for every policy.</summary>
public sealed class ScheduleCatchUpTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var cases =
                from downtime in new[] { "00:05:00", "02:00:00", "3.00:00:00" }
                from catchUp in CatchUpPolicies.All
                from concurrency in ConcurrencyPolicies.All
                select (downtime, catchUp, concurrency);
            var data = new TheoryData<string, string, string>();
            foreach (var (downtime, catchUp, concurrency) in cases)
            {
                data.Add(downtime, catchUp, concurrency);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Late_fires_are_caught_up_or_missed_as_the_policies_say(string downtime, string catchUp, string concurrency)
    {
        using var database = await ScheduleDatabase.Create();
        var clock = new FakeTimeProvider(TestRuns.Noon.AddSeconds(-30) + TimeSpan.Parse(downtime, null));
        await using var host = new ScheduleHost(database, clock);
        var schedule = await database.Insert(
            TestSchedules.Create("*/10 * * * *") with { CatchUp = catchUp, ConcurrencyPolicy = concurrency });
        var now = clock.GetUtcNow();

        await host.PollUntilIdle();

        var due = Enumerable.Range(0, 500).Select(i => TestRuns.Noon + (i * Interval)).TakeWhile(fire => fire <= now).ToList();
        var caughtUp = catchUp switch
        {
            CatchUpPolicies.Latest => due.TakeLast(1).ToList(),
            CatchUpPolicies.Every => due.FindAll(fire => now - fire <= Window),
            _ => due.FindAll(fire => now - fire <= TimeSpan.FromMinutes(1)),
        };
        var created = concurrency == ConcurrencyPolicies.Forbid ? caughtUp.Take(1).ToList() : caughtUp;
        var active = concurrency == ConcurrencyPolicies.Allow ? created : created.TakeLast(1);
        Assert.Equal(created, await database.FindFires(schedule, due));
        Assert.Equal(
            active.Select(fire => ScheduledRuns.GetRunId(schedule.Id, fire)),
            (await database.Schedules.ListActiveRuns(schedule, 1_000, default)).Order(StringComparer.Ordinal));
        var stored = await database.Find(schedule);
        Assert.Equal(
            ((long)created.Count, (long)(caughtUp.Count - created.Count), (long)(due.Count - caughtUp.Count)),
            (stored.RunCount, stored.SkippedCount, stored.MissedCount));
        Assert.Equal((due.Count == 0 ? TestRuns.Noon : due[^1] + Interval), stored.NextFireAt);
        var missed = due.Except(caughtUp).ToList();
        Assert.Equal(missed.Count == 0 ? null : missed[^1], stored.LastMissedAt);
    }

    [Fact]
    public async Task Any_number_of_late_fires_is_left_out()
    {
        using var database = await ScheduleDatabase.Create();
        var clock = new FakeTimeProvider(TestRuns.Noon.AddMinutes(4_500));
        await using var host = new ScheduleHost(database, clock);
        var schedule = await database.Insert(TestSchedules.Create("* * * * *"));

        await host.PollUntilIdle();

        var stored = await database.Find(schedule);
        Assert.Equal((1L, 4_500L), (stored.RunCount, stored.MissedCount));
        Assert.Equal(RunStatuses.Pending, await database.FindStatus(schedule, TestRuns.Noon.AddMinutes(4_500)));
    }

    /// <summary>A host that is suspended after its decision, and continues after another host has gone on.</summary>
    [Fact]
    public async Task A_suspended_host_neither_repeats_a_fire_nor_cancels_the_run_of_a_later_one()
    {
        using var database = await ScheduleDatabase.Create();
        var clock = new FakeTimeProvider(TestRuns.Noon);
        await using var host = new ScheduleHost(database, clock);
        var schedule = await database.Insert(
            TestSchedules.Create("* * * * *") with { ConcurrencyPolicy = ConcurrencyPolicies.Replace });
        await host.PollUntilIdle();
        clock.Advance(TimeSpan.FromMinutes(1));
        var calls = 0;
        await using var suspended = new ScheduleHost(database, clock, () => ++calls > 3); // reads, and decides
        await suspended.Poll();
        var decided = await database.Find(schedule);
        clock.Advance(TimeSpan.FromMinutes(1));

        await host.PollUntilIdle();
        await using var continued = new ScheduleHost(database, clock);
        await continued.Process(decided);

        Assert.Equal(ScheduleDecisions.Replace, decided.Firing!.Decision);
        Assert.Equal(RunStatuses.Pending, await database.FindStatus(schedule, TestRuns.Noon.AddMinutes(2)));
        Assert.Equal(RunStatuses.Cancelled, await database.FindStatus(schedule, TestRuns.Noon.AddMinutes(1)));
        Assert.Equal(3, (await database.Find(schedule)).RunCount);
    }
}
