using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides what a due schedule does next. Pure: it depends on its arguments only.</summary>
internal static class ScheduleDecision
{
    /// <summary>The maximum number of late fires that one write leaves out.</summary>
    public const int MaxMissedPerWrite = 1_000;

    /// <summary>How late a fire may be with <see cref="CatchUpPolicies.None"/>.</summary>
    public static readonly TimeSpan OnTime = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Moves an active schedule past the late fires that its policy leaves out: to the fire to decide now, or to a
    /// future one.
    /// </summary>
    /// <returns>
    /// The schedule, changed only when fires were left out. After <see cref="MaxMissedPerWrite"/> of them its next fire
    /// may be one that is left out, too; the next decision continues there.
    /// </returns>
    public static Schedule LeaveOutLateFires(Schedule schedule, CronSchedule cron, DateTimeOffset now)
    {
        for (var missed = 0; missed < MaxMissedPerWrite && schedule.NextFireAt is { } fire && fire <= now; missed++)
        {
            var next = cron.GetNext(fire);
            if (!IsLeftOut(schedule, fire, next, now))
            {
                break;
            }

            schedule = (schedule with
            {
                CursorAt = fire,
                MissedCount = schedule.MissedCount + 1,
                LastMissedAt = fire,
            }).ContinueWith(next, now);
        }

        return schedule;
    }

    /// <summary>
    /// Whether the next fire of the schedule is to be decided at <paramref name="now"/>: it is due, and its policy does
    /// not leave it out.
    /// </summary>
    public static bool IsReady(Schedule schedule, CronSchedule cron, DateTimeOffset now) =>
        schedule.NextFireAt is { } fire && fire <= now && !IsLeftOut(schedule, fire, cron.GetNext(fire), now);

    /// <summary>
    /// Decides the next fire: records it as <see cref="Schedule.Firing"/>, or skips it when the policy forbids it
    /// beside an active run.
    /// </summary>
    /// <param name="schedule">The schedule, whose next fire is due.</param>
    /// <param name="cron">Its expression.</param>
    /// <param name="now">The time of the decision.</param>
    /// <param name="isForbidden">Whether the policy forbids the fire: a run is active.</param>
    /// <param name="replaced">The active runs that the policy replaces.</param>
    public static Schedule DecideFire(
        Schedule schedule, CronSchedule cron, DateTimeOffset now, bool isForbidden, IReadOnlyList<string> replaced)
    {
        var fire = schedule.NextFireAt!.Value;
        if (isForbidden)
        {
            return (schedule with
            {
                CursorAt = fire,
                SkippedCount = schedule.SkippedCount + 1,
                LastSkippedAt = fire,
            }).ContinueWith(cron.GetNext(fire), now);
        }

        return schedule with
        {
            Firing = new ScheduleFiring
            {
                At = fire,
                Decision = replaced.Count > 0 ? ScheduleDecisions.Replace : ScheduleDecisions.Create,
                DecidedAt = now,
                ReplacedRunIds = [.. replaced],
            },
        };
    }

    /// <summary>Records that the run of the decided fire is stored, and moves on to the next fire.</summary>
    public static Schedule Advance(Schedule schedule, CronSchedule cron, DateTimeOffset now)
    {
        var fire = schedule.Firing!.At;
        return Continue(schedule with { LastScheduledAt = fire, RunCount = schedule.RunCount + 1 }, cron, fire, now);
    }

    /// <summary>Records that the run of the decided fire can never be created, and moves on to the next fire.</summary>
    public static Schedule AdvanceWithoutRun(Schedule schedule, CronSchedule cron, DateTimeOffset now, string code, string detail)
    {
        var fire = schedule.Firing!.At;
        var failed = schedule with
        {
            MissedCount = schedule.MissedCount + 1,
            LastMissedAt = fire,
            LastFailureAt = now,
            LastFailureCode = code,
            LastFailureMessage = detail,
            LastFailureRunId = null,
        };
        return Continue(failed, cron, fire, now);
    }

    // The definition may have been changed or paused since the fire was decided. Then the next fire is already set, and
    // is not this one.
    private static Schedule Continue(Schedule schedule, CronSchedule cron, DateTimeOffset fire, DateTimeOffset now)
    {
        var advanced = schedule with { Firing = null, CursorAt = fire };
        if (!advanced.IsActive)
        {
            return advanced;
        }

        return advanced.ContinueWith(advanced.NextFireAt == fire ? cron.GetNext(fire) : advanced.NextFireAt, now);
    }

    private static bool IsLeftOut(Schedule schedule, DateTimeOffset fire, DateTimeOffset? next, DateTimeOffset now) =>
        schedule.CatchUp switch
        {
            CatchUpPolicies.Every => now - fire > TimeSpan.FromSeconds(schedule.CatchUpWindowSeconds),
            CatchUpPolicies.None => now - fire > OnTime,
            _ => next <= now, // the last of several
        };
}
