using System.Globalization;
using MongoDB.Bson;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Checking;

/// <summary>
/// Checks the schedules that fire every minute: each fire has created one run, or is counted as skipped or missed.
/// </summary>
internal sealed class ScheduleChecker(InvariantViolations violations, IEnumerable<StoredRun> runs)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ILookup<string, StoredRun> _runs = runs
        .Where(run => run.Document.Contains("schedule_id"))
        .ToLookup(run => run.Document["schedule_id"].AsString);

    /// <summary>Checks a schedule that is paused, and was active from its create until then.</summary>
    public void Check(BsonDocument schedule)
    {
        var id = schedule["_id"].AsGuid;
        var (byHand, fired) = (new List<StoredRun>(), new List<StoredRun>());
        foreach (var run in _runs[id.ToString()])
        {
            (run.Document["trigger_kind"].AsString == "manual" ? byHand : fired).Add(run);
        }

        var created = schedule["created_at"].ToUniversalTime();
        var cursor = schedule.TryGetValue("cursor_at", out var time) ? time.ToUniversalTime() : created;
        var fires = GetFires(created, cursor).Select(fire => FormatRunId(id, fire)).ToHashSet();
        foreach (var run in fired.Where(run => !fires.Contains(run.Id)))
        {
            Report($"{run.Id} is the run of no fire");
        }

        foreach (var same in fired.GroupBy(run => run.Id).Where(same => same.Count() > 1))
        {
            Report($"{same.Key}: {same.Count()} runs");
        }

        var (runCount, skipped, missed) = (Count(schedule, "run_count"), Count(schedule, "skipped_count"), Count(schedule, "missed_count"));
        if (runCount != fired.Count || runCount + skipped + missed != fires.Count)
        {
            Report($"{schedule["name"]}: {fires.Count} fires until {cursor:O}, {fired.Count} runs of them; it counts {runCount} runs, "
                + $"{skipped} skipped and {missed} missed");
        }

        foreach (var run in byHand.Where(run => !run.Id.StartsWith($"sched_{id:N}_m_", StringComparison.Ordinal)))
        {
            Report($"{run.Id} was started by hand");
        }
    }

    private static IEnumerable<DateTime> GetFires(DateTime after, DateTime until)
    {
        var first = new DateTime(after.Ticks - (after.Ticks % Interval.Ticks), DateTimeKind.Utc) + Interval;
        for (var fire = first; fire <= until; fire += Interval)
        {
            yield return fire;
        }
    }

    private static string FormatRunId(Guid id, DateTime fire) =>
        string.Create(CultureInfo.InvariantCulture, $"sched_{id:N}_{fire:yyyyMMdd'T'HHmmss'Z'}");

    private static long Count(BsonDocument schedule, string name) => schedule.TryGetValue(name, out var count) ? count.ToInt64() : 0;

    private void Report(string description) => violations.Add(Invariants.OneRunPerFire, description);
}
