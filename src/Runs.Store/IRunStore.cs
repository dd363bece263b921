namespace Runs.Store;

/// <summary>
/// Stores runs. Every write is one atomic, durable change of one document: when the call returns, the change survives a
/// crash of any component. Transactions over several runs do not exist and are not needed.
/// </summary>
/// <remarks>
/// Transient failures (no connection, no primary, a timeout) are thrown as <see cref="StoreUnavailableException"/>; it
/// is then unknown whether the write happened. Every other exception is a fault of the caller or of the code.
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
    /// Replaces the stored run if its version is still <paramref name="expected"/>. One round trip, one write.
    /// </summary>
    /// <returns>
    /// False when the run or its log has been changed concurrently, or the run does not exist; this call has changed
    /// nothing in that case.
    /// </returns>
    Task<bool> TryReplace(Run run, RunVersion expected, CancellationToken cancellationToken);

    /// <summary>
    /// Appends <paramref name="events"/>, at least one, to the log of <paramref name="run"/> if neither the run nor its
    /// log has changed since it was read: all of the events or none. Their ids and sequence numbers continue those of
    /// the run. The run's <see cref="Run.Version"/> does not change, because an append does not change the run's state.
    /// One round trip, one write.
    /// </summary>
    /// <returns>
    /// False when the run or its log has been changed concurrently, or the run does not exist; this call has changed
    /// nothing in that case.
    /// </returns>
    Task<bool> TryAppend(Run run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken);

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
    /// logs, artifacts and the list of changes.
    /// </summary>
    Task<Run?> FindWithoutPayload(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the events of <paramref name="run"/> after the event id <paramref name="after"/>, in the order of their
    /// ids, as of the time when the run was read. Returns at most <paramref name="limit"/> events; fewer, but at least
    /// one, when the page would exceed about 16 MB. One round trip, or none for the last few events.
    /// </summary>
    Task<IReadOnlyList<RunEvent>> ReadEvents(Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken);

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
}

/// <summary>
/// The version of a run and of its log. As long as it is unchanged, the run and its log are unchanged. It can be read
/// without reading the whole run.
/// </summary>
/// <param name="Version">The run's <see cref="Run.Version"/>.</param>
/// <param name="LatestEventId">The run's <see cref="Run.LatestEventId"/>.</param>
public readonly record struct RunVersion(long Version, long LatestEventId)
{
    /// <summary>Returns the version of <paramref name="run"/> as it was read.</summary>
    public static RunVersion From(Run run) => new(run.Version, run.LatestEventId);
}

/// <summary>Selects the events of a log that are read.</summary>
public enum EventVisibility
{
    /// <summary>Only events that are visible to readers.</summary>
    Public,

    /// <summary>All events.</summary>
    All,
}

/// <summary>
/// Selects the runs of a list. Exactly one of the selectors is set: <see cref="ProjectId"/>,
/// <see cref="ConversationId"/>, <see cref="ParentRunId"/> or <see cref="ParentConversationId"/>.
/// </summary>
public sealed record RunQuery
{
    /// <summary>The tenant. A list never contains runs of another tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Selects the runs of this project.</summary>
    public string? ProjectId { get; init; }

    /// <summary>Selects the runs of this conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Selects the direct children of this run.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>Selects the runs that the conversation with this id spawned.</summary>
    public string? ParentConversationId { get; init; }

    /// <summary>Only runs of these projects.</summary>
    public IReadOnlyCollection<string>? Projects { get; init; }

    /// <summary>Only runs that this tool call spawned.</summary>
    public string? SpawnedFromToolCallId { get; init; }

    /// <summary>Only runs that have ever requested an input.</summary>
    public bool HasInputRequests { get; init; }

    /// <summary>Only runs that have an input request in this status.</summary>
    public string? InputRequestStatus { get; init; }

    /// <summary>Only the run with this input request.</summary>
    public Guid? InputRequestId { get; init; }

    /// <summary>
    /// Reads linearizably, like <see cref="IRunStore.FindLinearizable"/>. Only for a query that matches at most one
    /// run. Slower.
    /// </summary>
    public bool IsLinearizable { get; init; }

    /// <summary>Only runs of this kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Only runs in this status.</summary>
    public string? Status { get; init; }
}

/// <summary>A position between two runs of a list.</summary>
/// <param name="CreatedAt">The creation time of the last run before the cursor.</param>
/// <param name="Id">The id of the last run before the cursor; the tiebreaker for equal times.</param>
public readonly record struct RunCursor(DateTimeOffset CreatedAt, Guid Id)
{
    /// <summary>Returns the cursor directly after <paramref name="run"/>.</summary>
    public static RunCursor After(Run run) => new(run.CreatedAt, run.Id);
}

/// <summary>One page of a list.</summary>
/// <param name="Runs">The runs, newest first.</param>
/// <param name="Next">The cursor of the next page; null on the last page.</param>
public sealed record RunPage(IReadOnlyList<Run> Runs, RunCursor? Next)
{
    /// <summary>The total length of at least those parts of the runs that can be large, in characters.</summary>
    public long CharacterCount { get; init; }
}

/// <summary>Messages of one run's outbox that have been dispatched.</summary>
/// <param name="RunId">The run's <see cref="Run.Id"/>.</param>
/// <param name="MessageIds">The ids of the dispatched messages. An id identifies one message of one run.</param>
public sealed record DispatchedMessages(Guid RunId, IReadOnlyList<Guid> MessageIds);

/// <summary>A run in the list of its parent's children.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="RunId">The run's <see cref="Run.RunId"/>.</param>
/// <param name="ParentRunId">The <see cref="Run.RunId"/> of its parent.</param>
/// <param name="Status">The run's <see cref="Run.Status"/>.</param>
/// <param name="CreatedAt">With <paramref name="Id"/>, the run's position among the children of its parent.</param>
public sealed record ChildRun(Guid Id, string RunId, string ParentRunId, string Status, DateTimeOffset CreatedAt);

/// <summary>A run whose outbox is not empty.</summary>
/// <param name="Tenant">The run's tenant.</param>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Version">
/// The run's <see cref="Run.Version"/>. While it is unchanged, no message has been added to the outbox.
/// </param>
public sealed record RunWithOutbox(string Tenant, Guid Id, long Version);

/// <summary>A run whose due time has passed.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Tenant">The run's tenant.</param>
/// <param name="RunId">The run's <see cref="Run.RunId"/>.</param>
/// <param name="DueAt">The run's <see cref="Run.DueAt"/>.</param>
public sealed record DueRun(Guid Id, string Tenant, string RunId, DateTimeOffset DueAt);
