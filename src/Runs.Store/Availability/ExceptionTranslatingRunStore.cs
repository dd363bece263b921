namespace Runs.Store;

/// <summary>
/// Decorates a store: transient exceptions of its database driver become <see cref="StoreUnavailableException"/>, all
/// others are unchanged.
/// </summary>
internal sealed class ExceptionTranslatingRunStore(IRunStore store, StoreExceptionTranslator translator) : IRunStore
{
    public Task Initialize(CancellationToken cancellationToken) => translator.Translate(store.Initialize(cancellationToken));

    public Task CreateListIndexes(CancellationToken cancellationToken) =>
        translator.Translate(store.CreateListIndexes(cancellationToken));

    public Task Ping(CancellationToken cancellationToken) => translator.Translate(store.Ping(cancellationToken));

    public Task<bool> TryInsert(Run run, CancellationToken cancellationToken) =>
        translator.Translate(store.TryInsert(run, cancellationToken));

    public IDisposable? GatherCalls() => store.GatherCalls();

    public Task<bool> TryReplace(Run run, RunVersion expected, CancellationToken cancellationToken) =>
        translator.Translate(store.TryReplace(run, expected, cancellationToken));

    public Task<RunHead?> TryAppend(RunHead head, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) =>
        translator.Translate(store.TryAppend(head, events, cancellationToken));

    public Task<Run?> Find(Guid id, CancellationToken cancellationToken) =>
        translator.Translate(store.Find(id, cancellationToken));

    public Task<Run?> FindLinearizable(Guid id, CancellationToken cancellationToken) =>
        translator.Translate(store.FindLinearizable(id, cancellationToken));

    public Task<Run?> FindWithoutPayload(Guid id, CancellationToken cancellationToken) =>
        translator.Translate(store.FindWithoutPayload(id, cancellationToken));

    public Task<IReadOnlyList<RunEvent>> ReadEvents(
        Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken) =>
        translator.Translate(store.ReadEvents(run, after, limit, visibility, cancellationToken));

    public Task<IReadOnlyDictionary<Guid, RunVersion>> GetVersions(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        translator.Translate(store.GetVersions(ids, cancellationToken));

    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.List(query, after, limit, cancellationToken));

    public Task<IReadOnlyDictionary<Guid, string>> GetStatuses(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        translator.Translate(store.GetStatuses(ids, cancellationToken));

    public Task<IReadOnlyList<ChildRun>> ListChildren(
        string tenant, IReadOnlyCollection<string> parentRunIds, ChildRun? after, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.ListChildren(tenant, parentRunIds, after, limit, cancellationToken));

    public Task<IReadOnlyList<ChildRun>> ListDescendants(
        string tenant, string rootRunId, ChildRun? after, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.ListDescendants(tenant, rootRunId, after, limit, cancellationToken));

    public Task<IReadOnlyList<RunWithOutbox>> ListWithOutbox(
        RunWithOutbox? after, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.ListWithOutbox(after, limit, cancellationToken));

    public Task<IReadOnlyList<Run>> ReadOutboxes(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        translator.Translate(store.ReadOutboxes(ids, cancellationToken));

    public Task ClearOutbox(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken) =>
        translator.Translate(store.ClearOutbox(dispatched, cancellationToken));

    public Task<IReadOnlyList<DueRun>> ListDue(
        DateTimeOffset now,
        DueRun? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken) =>
        translator.Translate(store.ListDue(now, after, excludedTenants, limit, cancellationToken));

    public Task<IReadOnlyList<ClaimCandidate>> ListClaimable(
        string tenant, ClaimPool pool, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.ListClaimable(tenant, pool, limit, cancellationToken));

    public Task<ReadyPool?> FindReadyPool(ReadyPool? after, CancellationToken cancellationToken) =>
        translator.Translate(store.FindReadyPool(after, cancellationToken));

    public Task<IReadOnlyList<Run>> ReadLeases(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        translator.Translate(store.ReadLeases(ids, cancellationToken));

    public Task<IReadOnlyList<Run>> ListLeases(
        string tenant, string owner, string instance, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.ListLeases(tenant, owner, instance, limit, cancellationToken));

    public Task<IReadOnlySet<Guid>> RenewLeases(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken) =>
        translator.Translate(store.RenewLeases(renewals, cancellationToken));

    public Task<bool> TrySetSession(Run run, WorkerSession session, CancellationToken cancellationToken) =>
        translator.Translate(store.TrySetSession(run, session, cancellationToken));
}
