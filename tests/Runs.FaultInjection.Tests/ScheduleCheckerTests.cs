using MongoDB.Bson;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Tests;

/// <summary>A schedule that was created at 12:00:30, and has fired until 12:03.</summary>
public sealed class ScheduleCheckerTests
{
    private static readonly Guid Id = Guid.Parse("0e6b3c52-54f7-4a55-8f1a-2a9c0c7d9a10");

    [Fact]
    public void A_run_for_each_fire_that_was_not_skipped_or_missed_is_no_violation()
    {
        Assert.Equal(0, Count(CreateSchedule(runs: 2, skipped: 1, missed: 0), Fire(1), Fire(3), ByHand()));
        Assert.Equal(0, Count(CreateSchedule(runs: 1, skipped: 0, missed: 2), Fire(2)));
    }

    [Fact]
    public void A_fire_without_a_run_is_a_violation()
    {
        Assert.Equal(1, Count(CreateSchedule(runs: 3, skipped: 0, missed: 0), Fire(1), Fire(3)));
    }

    [Fact]
    public void A_fire_with_two_runs_is_a_violation()
    {
        Assert.Equal(2, Count(CreateSchedule(runs: 3, skipped: 0, missed: 0), Fire(1), Fire(1), Fire(2), Fire(3)));
    }

    [Fact]
    public void A_run_that_belongs_to_no_fire_is_a_violation()
    {
        Assert.Equal(1, Count(CreateSchedule(runs: 3, skipped: 0, missed: 0), Fire(1), Fire(2), Fire(4)));
    }

    [Fact]
    public void Counts_that_do_not_add_up_are_a_violation()
    {
        Assert.Equal(1, Count(CreateSchedule(runs: 2, skipped: 0, missed: 0), Fire(1), Fire(2)));
    }

    private static BsonDocument CreateSchedule(int runs, int skipped, int missed) => new()
    {
        ["_id"] = new BsonBinaryData(Id, GuidRepresentation.Standard),
        ["name"] = "minutes",
        ["created_at"] = StoredRuns.Start.AddSeconds(30),
        ["cursor_at"] = StoredRuns.Start.AddMinutes(3),
        ["run_count"] = runs,
        ["skipped_count"] = skipped,
        ["missed_count"] = missed,
    };

    private static StoredRun Fire(int minute) => CreateRun($"sched_{Id:N}_20260901T120{minute}00Z", "schedule");

    private static StoredRun ByHand() => CreateRun($"sched_{Id:N}_m_0123", "manual");

    private static StoredRun CreateRun(string id, string trigger) => StoredRuns.Create(
        new BsonDocument { ["run_id"] = id, ["schedule_id"] = Id.ToString(), ["trigger_kind"] = trigger });

    private static int Count(BsonDocument schedule, params StoredRun[] runs)
    {
        var violations = new InvariantViolations();
        new ScheduleChecker(violations, runs).Check(schedule);
        return violations.CountFor(Invariants.OneRunPerFire);
    }
}
