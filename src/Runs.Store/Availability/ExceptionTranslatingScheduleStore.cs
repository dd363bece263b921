namespace Runs.Store;

/// <summary>Decorates a store of schedules in the same way as <see cref="ExceptionTranslatingRunStore"/>.</summary>
internal sealed class ExceptionTranslatingScheduleStore(IScheduleStore store, StoreExceptionTranslator translator) : IScheduleStore
{
    public Task<bool> TryInsert(Schedule schedule, CancellationToken cancellationToken) =>
        translator.Translate(store.TryInsert(schedule, cancellationToken));

    public Task<Schedule?> Find(Guid id, CancellationToken cancellationToken) =>
        translator.Translate(store.Find(id, cancellationToken));

    public Task<bool> TryReplace(Schedule schedule, CancellationToken cancellationToken) =>
        translator.Translate(store.TryReplace(schedule, cancellationToken));

    public Task<IReadOnlySet<Guid>> Replace(IReadOnlyList<Schedule> schedules, CancellationToken cancellationToken) =>
        translator.Translate(store.Replace(schedules, cancellationToken));

    public Task<bool> TryDelete(Schedule schedule, CancellationToken cancellationToken) =>
        translator.Translate(store.TryDelete(schedule, cancellationToken));

    public Task<IReadOnlyList<Schedule>> ListDue(
        DateTimeOffset now,
        Schedule? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken) =>
        translator.Translate(store.ListDue(now, after, excludedTenants, limit, cancellationToken));

    public Task<int> Count(string tenant, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.Count(tenant, limit, cancellationToken));

    public Task<SchedulePage> List(ScheduleQuery query, RunCursor? after, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.List(query, after, limit, cancellationToken));

    public Task<IReadOnlyList<string>> ListActiveRuns(Schedule schedule, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.ListActiveRuns(schedule, limit, cancellationToken));

    public Task<IReadOnlySet<Guid>> FindWithActiveRuns(IReadOnlyCollection<Schedule> schedules, CancellationToken cancellationToken) =>
        translator.Translate(store.FindWithActiveRuns(schedules, cancellationToken));

    public Task<IReadOnlyList<EndedScheduleRun>> ListEndedRuns(
        Schedule schedule, int limit, CancellationToken cancellationToken) =>
        translator.Translate(store.ListEndedRuns(schedule, limit, cancellationToken));
}
