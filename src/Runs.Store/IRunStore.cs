namespace Runs.Store;

/// <summary>
/// Where runs live. Every write is one atomic, durable change of one document: when the call returns, the change survives a crash of anything.
/// There are no transactions over several runs and none are needed.
/// </summary>
/// <remarks>
/// Trouble that passes (no connection, no primary, a timeout) is a <see cref="StoreUnavailableException"/>; whether the write happened is then
/// unknown. Everything else that is thrown is a fault of the caller or of the code.
/// </remarks>
public interface IRunStore
{
    /// <summary>Makes the collections, tables and indexes that the service cannot do without where they are not there yet. Called before traffic; safe to call at any time.</summary>
    Task Prepare(CancellationToken cancellationToken);

    /// <summary>Makes the indexes that only lists need. Building them may take long where there are many runs. Safe to call at any time.</summary>
    Task PrepareLists(CancellationToken cancellationToken);

    /// <summary>Answers when the store can be read and written; throws when it cannot.</summary>
    Task Ping(CancellationToken cancellationToken);

    /// <summary>Inserts the run. One round trip, one write.</summary>
    /// <returns>False when a run with this <see cref="Run.Id"/> exists; then nothing was changed.</returns>
    Task<bool> TryInsert(Run run, CancellationToken cancellationToken);

    /// <summary>Replaces the stored run if it is still as it was <paramref name="read"/>. One round trip, one write.</summary>
    /// <returns>False when somebody else changed it or its log meanwhile, or it is not there; then nothing was changed.</returns>
    Task<bool> TryReplace(Run run, RunStamp read, CancellationToken cancellationToken);

    /// <summary>
    /// Appends <paramref name="events"/>, one at least, to the log of <paramref name="run"/> if it is still as it was read: all of them or none. Their ids and
    /// sequence go on where those of the run end. The run's version stays: its life goes on as before. One round trip, one write.
    /// </summary>
    /// <returns>False when somebody else changed the run or its log meanwhile, or it is not there; then nothing was changed.</returns>
    Task<bool> TryAppend(Run run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken);

    /// <summary>
    /// The run, or null. One round trip. What is returned is durable, and is the last acknowledged write; but for some seconds after a change of the primary it may be an
    /// older one, or null. A decision that ends in a write is guarded by that write; one that rests on absence alone asks <see cref="FindLatest"/>.
    /// </summary>
    Task<Run?> Find(Guid id, CancellationToken cancellationToken);

    /// <summary>The run as of the last write that was acknowledged before the call, or null: also during a change of the primary. Slower than <see cref="Find"/>.</summary>
    Task<Run?> FindLatest(Guid id, CancellationToken cancellationToken);

    /// <summary>As <see cref="Find"/>, but what callers sent and executors made may be missing: request, input, config, output, logs and artifacts; and who changed it.</summary>
    Task<Run?> FindHead(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// The log of <paramref name="run"/> as it was when the run was read, after the event <paramref name="after"/>, in the order of ids: at most
    /// <paramref name="limit"/> events, fewer but at least one where the page would pass some 16 MB. One round trip, or none for the last few events.
    /// </summary>
    Task<IReadOnlyList<RunEvent>> Events(Run run, long after, int limit, EventScope scope, CancellationToken cancellationToken);

    /// <summary>How the runs with these ids are now; those that do not exist are left out. At most 1,000 ids. One round trip.</summary>
    Task<IReadOnlyDictionary<Guid, RunStamp>> Stamps(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>
    /// The runs that <paramref name="query"/> selects, newest first by (created_at, id), after <paramref name="after"/>. A run that was there before the
    /// first page and stays selected is on exactly one page, whatever is added meanwhile. At most <paramref name="limit"/> runs; fewer, but at least one where there is
    /// one, when they are so large that the page would pass some 16 MB.
    /// </summary>
    Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken);

    /// <summary>The statuses of the runs with these ids; those that do not exist are left out. At most 1,000 ids. One round trip.</summary>
    Task<IReadOnlyDictionary<Guid, string>> Statuses(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>
    /// The direct children of these runs of one tenant, after <paramref name="after"/>, in a fixed order. A child that was there before the first page is on exactly one
    /// page, whatever is added meanwhile. At most <paramref name="limit"/>; fewer only on the last page.
    /// </summary>
    Task<IReadOnlyList<ChildRun>> Children(
        string tenant, IReadOnlyCollection<string> parents, ChildRun? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Runs whose outbox is not empty, after <paramref name="after"/>, in a fixed order that has nothing to do with time. At most <paramref name="limit"/>; fewer only on
    /// the last page.
    /// </summary>
    Task<IReadOnlyList<UnsentRun>> Unsent(UnsentRun? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Of the runs with these ids, those whose outbox is not empty: only their id, tenant, run id and outbox. At most 1,000 ids. When the outboxes have more than some 16 million
    /// characters, only a part of the runs is returned, at least one; call again for the rest.
    /// </summary>
    Task<IReadOnlyList<Run>> WithOutbox(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Takes sent messages out of the outboxes, many runs in one call. Versions stay: nothing that a reader sees changes.</summary>
    Task ClearOutbox(IReadOnlyList<SentMessages> sent, CancellationToken cancellationToken);

    /// <summary>
    /// Runs of all tenants but <paramref name="except"/> whose <see cref="Run.DueAt"/> is at or before <paramref name="now"/>, most overdue first, after
    /// <paramref name="after"/>. At most <paramref name="limit"/>; fewer only on the last page.
    /// </summary>
    Task<IReadOnlyList<DueRun>> Due(
        DateTimeOffset now, DueRun? after, IReadOnlyCollection<string> except, int limit, CancellationToken cancellationToken);
}

/// <summary>What there is to know of a run without reading it: it has not changed as long as this has not.</summary>
/// <param name="Version">The run's <see cref="Run.Version"/>.</param>
/// <param name="LatestEventId">The run's <see cref="Run.LatestEventId"/>.</param>
public readonly record struct RunStamp(long Version, long LatestEventId)
{
    /// <summary>How <paramref name="run"/> is.</summary>
    public static RunStamp Of(Run run) => new(run.Version, run.LatestEventId);
}

/// <summary>Which events of a log are read.</summary>
public enum EventScope
{
    /// <summary>Those that readers are shown.</summary>
    Public,

    /// <summary>All of them.</summary>
    All,
}

/// <summary>Which runs a list has. Exactly one of the selectors is given.</summary>
public sealed record RunQuery
{
    /// <summary>Lists never leave a tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>The runs of this project.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The runs of this conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The direct children of this run.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>The runs that the conversation with this id spawned.</summary>
    public string? ParentConversationId { get; init; }

    /// <summary>Only runs of these projects.</summary>
    public IReadOnlyCollection<string>? Projects { get; init; }

    /// <summary>Only runs that this tool call spawned.</summary>
    public string? SpawnedFromToolCallId { get; init; }

    /// <summary>Only runs that have ever asked for an input.</summary>
    public bool HasInputRequests { get; init; }

    /// <summary>Only runs that have an input request in this status.</summary>
    public string? InputRequestStatus { get; init; }

    /// <summary>Only the run with this input request.</summary>
    public Guid? InputRequestId { get; init; }

    /// <summary>
    /// Reads linearizably, as <see cref="IRunStore.FindLatest"/> does. Only for a query that matches at most one run. Slower.
    /// </summary>
    public bool IsLatest { get; init; }

    /// <summary>Only runs of this kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Only runs in this status.</summary>
    public string? Status { get; init; }
}

/// <summary>A place between two runs of a list.</summary>
/// <param name="CreatedAt">Of the last run before it.</param>
/// <param name="Id">Of the last run before it; settles equal times.</param>
public readonly record struct RunCursor(DateTimeOffset CreatedAt, Guid Id)
{
    /// <summary>The place after <paramref name="run"/>.</summary>
    public static RunCursor After(Run run) => new(run.CreatedAt, run.Id);
}

/// <summary>One page of a list.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="Next">Where the next page begins, or null on the last.</param>
public sealed record RunPage(IReadOnlyList<Run> Runs, RunCursor? Next)
{
    /// <summary>The length of the parts of the runs that can be large, at least.</summary>
    public long Characters { get; init; }
}

/// <summary>Messages of one run's outbox that have been sent.</summary>
/// <param name="RunId">The run's <see cref="Run.Id"/>.</param>
/// <param name="MessageIds">Which of its outbox messages. An id names one message of one run.</param>
public sealed record SentMessages(Guid RunId, IReadOnlyList<Guid> MessageIds);

/// <summary>A run in the list of its parent's children.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="RunId">The run's <see cref="Run.RunId"/>.</param>
/// <param name="ParentRunId">Whose child it is.</param>
/// <param name="Status">The run's <see cref="Run.Status"/>.</param>
/// <param name="CreatedAt">With <paramref name="Id"/>, the run's place among the children of its parent.</param>
public sealed record ChildRun(Guid Id, string RunId, string ParentRunId, string Status, DateTimeOffset CreatedAt);

/// <summary>A run with an outbox that is not empty.</summary>
/// <param name="Tenant">The run's tenant.</param>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Version">The run's <see cref="Run.Version"/>: nobody has added to the outbox as long as it stays.</param>
public sealed record UnsentRun(string Tenant, Guid Id, long Version);

/// <summary>A run whose due time has come.</summary>
/// <param name="Id">The run's <see cref="Run.Id"/>.</param>
/// <param name="Tenant">The run's tenant.</param>
/// <param name="RunId">The run's <see cref="Run.RunId"/>.</param>
/// <param name="DueAt">Since when.</param>
public sealed record DueRun(Guid Id, string Tenant, string RunId, DateTimeOffset DueAt);
