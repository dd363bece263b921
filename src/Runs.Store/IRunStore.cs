namespace Runs.Store;

/// <summary>
/// Stores runs. Every change of a run's state is one atomic, durable write of its document: when the call returns, the
/// change survives a crash of any component. Transactions over several runs do not exist and are not needed.
/// </summary>
/// <remarks>
/// Transient failures (no connection, no primary, a timeout) are thrown as <see cref="StoreUnavailableException"/>.
/// Unless its <see cref="StoreUnavailableException.NothingWritten"/> is set, it is then unknown whether the write
/// happened. Every other exception is a fault of the caller or of the code.
/// </remarks>
public interface IRunStore
{
    /// <summary>
    /// Creates the missing collections, tables and indexes that the service requires. Called before traffic is
    /// accepted; safe to call at any time.
    /// </summary>
    Task Initialize(CancellationToken cancellationToken);

    /// <summary>
    /// Creates the indexes that only lists need. Building them may take long if there are many runs. Safe to call at
    /// any time.
    /// </summary>
    Task CreateListIndexes(CancellationToken cancellationToken);

    /// <summary>Returns when the store can be read and written; throws when it cannot.</summary>
    Task Ping(CancellationToken cancellationToken);

    /// <summary>Inserts the run. One round trip, one write.</summary>
    /// <returns>
    /// False when a run with this <see cref="Run.Id"/> exists; nothing has been changed in that case.
    /// </returns>
    Task<bool> TryInsert(Run run, CancellationToken cancellationToken);

    /// <summary>
    /// Announces that several runs will be inserted or found at the same time. The store may delay calls of
    /// <see cref="TryInsert"/> and <see cref="Find"/> until the returned scope is disposed, to combine them. Dispose of
    /// it before the first of them is awaited.
    /// </summary>
    /// <returns>The scope; null if the store has no use for it.</returns>
    IDisposable? GatherCalls() => null;

    /// <summary>
    /// Replaces the stored run if its version is still <paramref name="expected"/> and its
    /// <see cref="Run.Renewals"/> are those of <paramref name="run"/>. One write; before it, MongoDB archives embedded
    /// events when the document would become too large.
    /// </summary>
    /// <returns>
    /// False when the run, its lease or its log has been changed concurrently, or the run does not exist; this call has
    /// changed nothing in that case.
    /// </returns>
    Task<bool> TryReplace(Run run, RunVersion expected, CancellationToken cancellationToken);

    /// <summary>
    /// Appends <paramref name="events"/>, at least one, to the log of a run if neither the run nor its log has changed
    /// since <paramref name="head"/>: all of the events or none. Their ids and sequence numbers continue those of the
    /// head. The run's <see cref="Run.Version"/> does not change, because an append does not change the run's state.
    /// One write; concurrent appends to different runs share a round trip.
    /// </summary>
    /// <returns>
    /// The head after the append. Null when the run or its log has been changed concurrently, or the run does not
    /// exist; this call has changed nothing in that case.
    /// </returns>
    Task<RunHead?> TryAppend(RunHead head, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the run, or null. One round trip. The result is durable and reflects the last acknowledged write, except
    /// that for some seconds after a failover to another primary it may be an older state, or null. A decision that
    /// ends in a write is protected by that write's version check. A decision that relies only on the absence of a run
    /// must use <see cref="FindLinearizable"/>.
    /// </summary>
    Task<Run?> Find(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the run as of the last write that was acknowledged before the call, or null. This also holds during a
    /// failover. Slower than <see cref="Find"/>.
    /// </summary>
    Task<Run?> FindLinearizable(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the same as <see cref="Find"/>, except that the payload may be missing: request, input, config, output,
    /// logs, artifacts, tool results, the worker's session and the list of changes.
    /// </summary>
    Task<Run?> FindWithoutPayload(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the events of <paramref name="run"/> after the event id <paramref name="after"/>, in the order of their
    /// ids, as of the time when the run was read. Returns at most <paramref name="limit"/> events; fewer, but at least
    /// one, when the page would exceed about 16 MB. One round trip, or none for the last few events; more where many
    /// events are hidden.
    /// </summary>
    Task<IReadOnlyList<RunEvent>> ReadEvents(
        Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the current versions of the runs with these ids and omits ids without a run. At most 1,000 ids. One
    /// round trip.
    /// </summary>
    Task<IReadOnlyDictionary<Guid, RunVersion>> GetVersions(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the runs that match <paramref name="query"/>, newest first by (created_at, id), after
    /// <paramref name="after"/>. A run that existed before the first page was read and still matches is on exactly one
    /// page, regardless of concurrent inserts. Returns at most <paramref name="limit"/> runs; fewer, but at least one
    /// if any matches, when the page would exceed about 16 MB.
    /// </summary>
    Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the statuses of the runs with these ids and omits ids without a run. At most 1,000 ids. One round trip.
    /// </summary>
    Task<IReadOnlyDictionary<Guid, string>> GetStatuses(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the direct children of these runs of one tenant, after <paramref name="after"/>, in a fixed order. A
    /// child that existed before the first page was read is on exactly one page, regardless of concurrent inserts.
    /// Returns at most <paramref name="limit"/> children; fewer only on the last page.
    /// </summary>
    Task<IReadOnlyList<ChildRun>> ListChildren(
        string tenant, IReadOnlyCollection<string> parentRunIds, ChildRun? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the runs of a tree without its root, oldest first by (created_at, id), after <paramref name="after"/>.
    /// Returns at most <paramref name="limit"/> runs; fewer only on the last page. Returns none for a run that is not a
    /// root. A run that is inserted while the pages are read may be missing; <see cref="ListChildren"/> is complete.
    /// </summary>
    Task<IReadOnlyList<ChildRun>> ListDescendants(
        string tenant, string rootRunId, ChildRun? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns runs whose outbox is not empty, after <paramref name="after"/>, in a fixed order that does not depend on
    /// time. Returns at most <paramref name="limit"/> runs; fewer only on the last page.
    /// </summary>
    Task<IReadOnlyList<RunWithOutbox>> ListWithOutbox(RunWithOutbox? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns those of the runs with these ids whose outbox is not empty, with only their id, tenant, run id and
    /// outbox. At most 1,000 ids. When the outboxes have more than about 16 million characters, returns only some of
    /// the runs, at least one; call again for the rest.
    /// </summary>
    Task<IReadOnlyList<Run>> ReadOutboxes(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>
    /// Removes dispatched messages from the outboxes of many runs in one call. The versions of the runs do not change,
    /// because readers do not see the outbox.
    /// </summary>
    Task ClearOutbox(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken);

    /// <summary>
    /// Returns runs of all tenants except <paramref name="excludedTenants"/> whose <see cref="Run.DueAt"/> is at or
    /// before <paramref name="now"/>, most overdue first, after <paramref name="after"/>. Returns at most
    /// <paramref name="limit"/> runs; fewer only on the last page.
    /// </summary>
    Task<IReadOnlyList<DueRun>> ListDue(
        DateTimeOffset now, DueRun? after, IReadOnlyCollection<string> excludedTenants, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns runs of a tenant that are ready in <paramref name="pool"/>, in the order in which they are to be
    /// claimed: by (<see cref="Run.ClaimRank"/>, run id). At most <paramref name="limit"/>. One round trip. The result
    /// may be older than the last acknowledged write: only a claim decides.
    /// </summary>
    Task<IReadOnlyList<ClaimCandidate>> ListClaimable(
        string tenant, ClaimPool pool, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the first pool with ready runs after <paramref name="after"/>, by (tenant, pool); null after the last
    /// one. One or two index lookups, however many runs are ready.
    /// </summary>
    Task<ReadyPool?> FindReadyPool(ReadyPool? after, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the runs with these ids with only the members that describe who holds them: id, tenant, run id, project,
    /// status, phase, version, attempt, lease, timers, and <see cref="Run.UpdatedAt"/>. Omits ids without a run. At
    /// most 1,000 ids. One round trip.
    /// </summary>
    Task<IReadOnlyList<Run>> ReadLeases(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the runs that a worker of a tenant holds, with the same members as <see cref="ReadLeases"/>. At most
    /// <paramref name="limit"/>. One round trip.
    /// </summary>
    Task<IReadOnlyList<Run>> ListLeases(string tenant, string owner, string instance, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Renews leases of runs whose version is unchanged. The versions of the runs do not change, because readers do not
    /// see a renewal; <see cref="Run.Renewals"/> does. At most 1,000 renewals. One write for all; when some runs have
    /// changed, one read.
    /// </summary>
    /// <returns>The ids of the runs whose leases were renewed.</returns>
    Task<IReadOnlySet<Guid>> RenewLeases(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken);

    /// <summary>
    /// Sets <see cref="Run.WorkerSession"/> of a run whose version and <see cref="Run.Renewals"/> are still those of
    /// <paramref name="run"/>. Increments <see cref="Run.Renewals"/>; the version stays the same. One write.
    /// </summary>
    /// <returns>False when the run has been changed, or does not exist; nothing is changed in that case.</returns>
    Task<bool> TrySetSession(Run run, WorkerSession session, CancellationToken cancellationToken);
}
