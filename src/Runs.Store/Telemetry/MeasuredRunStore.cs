using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace Runs.Store;

/// <summary>Decorates a store: measures the duration of its calls, as their callers see it.</summary>
internal sealed class MeasuredRunStore(IRunStore store, IMeterFactory meters) : IRunStore
{
    private readonly Histogram<double> _duration = meters.GetMeter().CreateHistogram(
        "runs.store.duration", "s", "The duration of calls of the store.", null, RunsTelemetry.Fast);

    /// <summary>Decorates <paramref name="store"/>, unless the host measures nothing.</summary>
    public static IRunStore Decorate(IRunStore store, IServiceProvider services) =>
        services.GetService<IMeterFactory>() is { } meters ? new MeasuredRunStore(store, meters) : store;

    public Task Initialize(CancellationToken cancellationToken) => Measure(Stopwatch.GetTimestamp(), store.Initialize(cancellationToken));

    public Task CreateListIndexes(CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.CreateListIndexes(cancellationToken));

    public Task Ping(CancellationToken cancellationToken) => Measure(Stopwatch.GetTimestamp(), store.Ping(cancellationToken));

    public Task<bool> TryInsert(Run run, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.TryInsert(run, cancellationToken));

    public IDisposable? GatherCalls() => store.GatherCalls();

    public Task<bool> TryReplace(Run run, RunVersion expected, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.TryReplace(run, expected, cancellationToken));

    public Task<RunHead?> TryAppend(RunHead head, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.TryAppend(head, events, cancellationToken));

    public Task<Run?> Find(Guid id, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.Find(id, cancellationToken));

    public Task<Run?> FindLinearizable(Guid id, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.FindLinearizable(id, cancellationToken));

    public Task<Run?> FindWithoutPayload(Guid id, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.FindWithoutPayload(id, cancellationToken));

    public Task<IReadOnlyList<RunEvent>> ReadEvents(
        Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ReadEvents(run, after, limit, visibility, cancellationToken));

    public Task<IReadOnlyDictionary<Guid, RunVersion>> GetVersions(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.GetVersions(ids, cancellationToken));

    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.List(query, after, limit, cancellationToken));

    public Task<IReadOnlyDictionary<Guid, string>> GetStatuses(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.GetStatuses(ids, cancellationToken));

    public Task<IReadOnlyList<ChildRun>> ListChildren(
        string tenant, IReadOnlyCollection<string> parentRunIds, ChildRun? after, int limit, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ListChildren(tenant, parentRunIds, after, limit, cancellationToken));

    public Task<IReadOnlyList<ChildRun>> ListDescendants(
        string tenant, string rootRunId, ChildRun? after, int limit, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ListDescendants(tenant, rootRunId, after, limit, cancellationToken));

    public Task<IReadOnlyList<RunWithOutbox>> ListWithOutbox(
        RunWithOutbox? after, int limit, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ListWithOutbox(after, limit, cancellationToken));

    public Task<IReadOnlyList<Run>> ReadOutboxes(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ReadOutboxes(ids, cancellationToken));

    public Task ClearOutbox(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ClearOutbox(dispatched, cancellationToken));

    public Task<IReadOnlyList<DueRun>> ListDue(
        DateTimeOffset now,
        DueRun? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ListDue(now, after, excludedTenants, limit, cancellationToken));

    public Task<IReadOnlyList<ClaimCandidate>> ListClaimable(
        string tenant, ClaimPool pool, int limit, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ListClaimable(tenant, pool, limit, cancellationToken));

    public Task<ReadyPool?> FindReadyPool(ReadyPool? after, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.FindReadyPool(after, cancellationToken));

    public Task<IReadOnlyList<Run>> ReadLeases(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ReadLeases(ids, cancellationToken));

    public Task<IReadOnlyList<Run>> ListLeases(
        string tenant, string owner, string instance, int limit, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.ListLeases(tenant, owner, instance, limit, cancellationToken));

    public Task<IReadOnlySet<Guid>> RenewLeases(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.RenewLeases(renewals, cancellationToken));

    public Task<bool> TrySetSession(Run run, WorkerSession session, CancellationToken cancellationToken) =>
        Measure(Stopwatch.GetTimestamp(), store.TrySetSession(run, session, cancellationToken));

    // The start time is an argument, so that it is taken before the call starts.
    private Task<T> Measure<T>(long startedAt, Task<T> call, [CallerMemberName] string operation = "")
    {
        return _duration.Enabled ? AwaitAndRecord() : call;

        async Task<T> AwaitAndRecord()
        {
            await Record(startedAt, call, operation);
            return await call;
        }
    }

    private Task Measure(long startedAt, Task call, [CallerMemberName] string operation = "") =>
        _duration.Enabled ? Record(startedAt, call, operation) : call;

    private async Task Record(long startedAt, Task call, string operation)
    {
        var outcome = "fault";
        try
        {
            await call;
            outcome = "ok";
        }
        catch (StoreUnavailableException)
        {
            outcome = "unavailable";
            throw;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled"; // by the caller
            throw;
        }
        finally
        {
            _duration.Record(
                Stopwatch.GetElapsedTime(startedAt).TotalSeconds,
                new(TelemetryAttributes.Operation, operation),
                new(TelemetryAttributes.Outcome, outcome));
        }
    }
}
