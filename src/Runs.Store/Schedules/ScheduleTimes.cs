namespace Runs.Store;

/// <summary>The changes of a schedule's times that the API and the lifecycle have in common.</summary>
public static class ScheduleTimes
{
    /// <summary>The time after which any process finishes a fire that another process has decided.</summary>
    public static readonly TimeSpan TakeoverDelay = TimeSpan.FromSeconds(10);

    /// <summary>Whether the schedule has had all of its <see cref="Schedule.MaxRuns"/>.</summary>
    public static bool HasAllRuns(this Schedule schedule) => schedule.RunCount >= schedule.MaxRuns;

    /// <summary>
    /// Sets the next fire of an active schedule to the first time after <paramref name="now"/>. A clock that was ahead
    /// cannot make a fire repeat: the next fire is also after the last one.
    /// </summary>
    public static Schedule StartAfter(this Schedule schedule, CronSchedule cron, DateTimeOffset now)
    {
        var previous = new[] { now, schedule.CursorAt ?? now, schedule.Firing?.At ?? now }.Max();
        return (schedule with { CompletedAt = null }).ContinueWith(cron.GetNext(previous), now);
    }

    /// <summary>
    /// Sets the next fire, or completes the schedule when there is none or when it has had all of its runs.
    /// </summary>
    public static Schedule ContinueWith(this Schedule schedule, DateTimeOffset? next, DateTimeOffset now) =>
        next is null || schedule.HasAllRuns()
            ? schedule with { NextFireAt = null, CompletedAt = now }
            : schedule with { NextFireAt = next };

    /// <summary>
    /// Returns the changed schedule as its next version, with the time at which the service must continue with it.
    /// </summary>
    /// <param name="schedule">The schedule with its changes.</param>
    /// <param name="deletionCheckAt">When a schedule that is being deleted is checked for active runs.</param>
    public static Schedule NextVersion(this Schedule schedule, DateTimeOffset deletionCheckAt) => schedule with
    {
        Version = schedule.Version + 1,
        DueAt = GetDueAt(schedule, deletionCheckAt),
    };

    /// <summary>Returns when the service must continue with the schedule; null when there is nothing to do.</summary>
    public static DateTimeOffset? GetDueAt(Schedule schedule, DateTimeOffset deletionCheckAt) => schedule switch
    {
        { Firing: { } firing } => firing.DecidedAt + TakeoverDelay,
        { Status: ScheduleStatuses.Deleting } => deletionCheckAt,
        { Status: ScheduleStatuses.Active } => schedule.NextFireAt,
        _ => null,
    };
}
