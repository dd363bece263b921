namespace Runs.Store;

/// <summary>
/// Stores schedules. Every change is one atomic, durable write. <see cref="IRunStore.Initialize"/> creates the storage.
/// </summary>
/// <remarks>
/// Every method throws <see cref="StoreUnavailableException"/> when the store is unavailable. Unless its
/// <see cref="StoreUnavailableException.NothingWritten"/> is set, it is then unknown whether the write happened.
/// </remarks>
public interface IScheduleStore
{
    /// <summary>Inserts the schedule.</summary>
    /// <returns>False when a schedule with this id exists; nothing has been changed in that case.</returns>
    Task<bool> TryInsert(Schedule schedule, CancellationToken cancellationToken);

    /// <summary>Returns the schedule, or null. One round trip.</summary>
    Task<Schedule?> Find(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the stored schedule if its version is the one before that of <paramref name="schedule"/>.
    /// </summary>
    /// <returns>
    /// False when the schedule has been changed concurrently or does not exist; this call has changed nothing in that
    /// case.
    /// </returns>
    Task<bool> TryReplace(Schedule schedule, CancellationToken cancellationToken);

    /// <summary>Replaces many schedules in one call, each as <see cref="TryReplace"/> does.</summary>
    /// <returns>
    /// The ids of the schedules that were replaced. One that was changed again at once by another caller may be
    /// missing.
    /// </returns>
    Task<IReadOnlySet<Guid>> Replace(IReadOnlyList<Schedule> schedules, CancellationToken cancellationToken);

    /// <summary>Deletes the schedule if it still has the version of <paramref name="schedule"/>.</summary>
    /// <returns>False when it has been changed concurrently or does not exist.</returns>
    Task<bool> TryDelete(Schedule schedule, CancellationToken cancellationToken);

    /// <summary>
    /// Returns schedules of all tenants except <paramref name="excludedTenants"/> whose <see cref="Schedule.DueAt"/> is
    /// at or before <paramref name="now"/>, most overdue first. Returns at most <paramref name="limit"/> schedules,
    /// after <paramref name="after"/>.
    /// </summary>
    Task<IReadOnlyList<Schedule>> ListDue(
        DateTimeOffset now,
        Schedule? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken);

    /// <summary>
    /// Returns the number of schedules of a tenant, <paramref name="limit"/> if there are more. Reads as many index
    /// entries.
    /// </summary>
    Task<int> Count(string tenant, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the schedules that match <paramref name="query"/>, newest first by (created_at, id), after
    /// <paramref name="after"/>. Returns at most <paramref name="limit"/> schedules; fewer, but at least one if any
    /// matches, when the page would exceed about 16 MB.
    /// </summary>
    Task<SchedulePage> List(ScheduleQuery query, RunCursor? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the run ids of at most <paramref name="limit"/> runs of the schedule that have not ended, oldest first
    /// within a status.
    /// </summary>
    Task<IReadOnlyList<string>> ListActiveRuns(Schedule schedule, int limit, CancellationToken cancellationToken);

    /// <summary>Returns the ids of those of the schedules that have a run that has not ended.</summary>
    Task<IReadOnlySet<Guid>> FindWithActiveRuns(IReadOnlyCollection<Schedule> schedules, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the newest runs of the schedule that completed or failed, newest first by creation. Returns at most
    /// <paramref name="limit"/> runs.
    /// </summary>
    Task<IReadOnlyList<EndedScheduleRun>> ListEndedRuns(Schedule schedule, int limit, CancellationToken cancellationToken);
}
