namespace Runs.Store;

/// <summary>
/// Stores registered workers. <see cref="IRunStore.Initialize"/> and <see cref="IRunStore.CreateListIndexes"/> create
/// the storage for them.
/// </summary>
/// <remarks>Every method throws <see cref="StoreUnavailableException"/> when the store is unavailable.</remarks>
public interface IWorkerStore
{
    /// <summary>Inserts the worker.</summary>
    /// <returns>False when a worker with this id exists; nothing has been changed in that case.</returns>
    Task<bool> TryInsert(Worker worker, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the worker if its stored version is still <paramref name="expectedVersion"/>, except
    /// <see cref="Worker.LastHeartbeatAt"/>.
    /// </summary>
    /// <returns>False when the worker does not exist or has another version.</returns>
    Task<bool> TryReplace(Worker worker, long expectedVersion, CancellationToken cancellationToken);

    /// <summary>Returns the worker, revoked or not; null when it does not exist.</summary>
    Task<Worker?> Find(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="Find"/>, as of the last acknowledged write. For a caller that reports that a worker does not
    /// exist. Slower.
    /// </summary>
    Task<Worker?> FindLinearizable(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the workers with these ids without <see cref="Worker.Metadata"/> and <see cref="Worker.Targets"/>, which
    /// can be large, and omits ids without a worker. At most 1,000 ids. One round trip.
    /// </summary>
    Task<IReadOnlyList<Worker>> FindWithoutDetails(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the workers of a project that are not revoked, newest first, after <paramref name="after"/>.
    /// </summary>
    Task<WorkerPage> List(string tenant, string projectId, RunCursor? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Sets <see cref="Worker.LastHeartbeatAt"/> of these workers to <paramref name="time"/>, unless it is later. One
    /// statement. Ids without a worker are ignored.
    /// </summary>
    Task RecordHeartbeats(IReadOnlyCollection<Guid> ids, DateTimeOffset time, CancellationToken cancellationToken);
}
