namespace Runs.Store;

/// <summary>Decorates a store of workers in the same way as <see cref="ExceptionTranslatingRunStore"/>.</summary>
internal sealed class ExceptionTranslatingWorkerStore(IWorkerStore store, StoreExceptionTranslator translator) : IWorkerStore
{
    public Task<bool> TryInsert(Worker worker, CancellationToken cancellationToken) =>
        translator.Translate(store.TryInsert(worker, cancellationToken));

    public Task<bool> TryReplace(Worker worker, long expectedVersion, CancellationToken cancellationToken) =>
        translator.Translate(store.TryReplace(worker, expectedVersion, cancellationToken));

    public Task<Worker?> Find(Guid id, CancellationToken cancellationToken) => translator.Translate(store.Find(id, cancellationToken));

    public Task<Worker?> FindLinearizable(Guid id, CancellationToken cancellationToken) =>
        translator.Translate(store.FindLinearizable(id, cancellationToken));

    public Task<IReadOnlyList<Worker>> FindWithoutDetails(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        translator.Translate(store.FindWithoutDetails(ids, cancellationToken));

    public Task<WorkerPage> List(
        string tenant, string projectId, RunCursor? after, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.List(tenant, projectId, after, limit, cancellationToken));

    public Task RecordHeartbeats(IReadOnlyCollection<Guid> ids, DateTimeOffset time, CancellationToken cancellationToken) =>
        translator.Translate(store.RecordHeartbeats(ids, time, cancellationToken));
}
