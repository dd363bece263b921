using System.Linq.Expressions;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Stores runs in the collection <c>runs</c>. Every write is confirmed by a majority and journaled, and addresses
/// documents by <c>_id</c>. So the collection can be sharded by hashed <c>_id</c>, and <c>run_events</c> by tenant and
/// run id, and no other unique index is needed. Reads use the primary with majority read concern: they never see a
/// write that a failover could roll back, so the result of a read is as durable as an acknowledged write. They see
/// every acknowledged write, except for some seconds after a failover to another primary.
/// </summary>
/// <remarks>Throws the driver's exceptions: see <see cref="ExceptionTranslatingRunStore"/>.</remarks>
internal sealed class MongoRunStore : IRunStore, IDisposable
{
    // Excludes what callers and executors sent, and the list of changes: reading the state of a run does not need them.
    private static readonly ProjectionDefinition<Run> WithoutPayload = ExcludeFields(
        run => run.Request,
        run => run.Input!,
        run => run.Config!,
        run => run.Output!,
        run => run.Logs!,
        run => run.Artifacts!,
        run => run.ToolResults,
        run => run.WorkerSession!,
        run => run.Changes);

    private readonly IMongoCollection<Run> _runs;
    private readonly BatchedInserter _inserter;
    private readonly BatchedReader _reader;
    private readonly BatchedUpdater _appender;
    private readonly BatchedUpdater _replacer; // separate, so that appends do not wait for large replaces
    private readonly MongoServerCheck _serverCheck;
    private readonly MongoEventLog _eventLog;
    private readonly MongoRunLists _lists;
    private readonly MongoRunTrees _trees;
    private readonly MongoOutboxes _outboxes;
    private readonly MongoDueRuns _dueRuns;
    private readonly MongoClaims _claims;

    public MongoRunStore(
        IMongoDatabase database,
        StoreAvailability availability,
        TimeProvider clock,
        ILogger<MongoRunStore> logger,
        ArchiveQueue? archiveQueue = null)
    {
        _runs = MongoCollections.GetRuns(database);
        _inserter = new BatchedInserter(_runs);
        _reader = new BatchedReader(_runs);
        _appender = new BatchedUpdater(_runs, clock);
        _replacer = new BatchedUpdater(_runs, clock);
        _serverCheck = new MongoServerCheck(database, availability, logger);
        _lists = new MongoRunLists(_runs);
        _trees = new MongoRunTrees(_runs);
        _outboxes = new MongoOutboxes(_runs);
        _dueRuns = new MongoDueRuns(_runs);
        _claims = new MongoClaims(_runs);
        var chunks = MongoCollections.GetEventChunks(database);
        _eventLog = new MongoEventLog(chunks);
        EventArchive = new MongoEventArchive(_runs, chunks);
        ArchiveQueue = archiveQueue ?? new ArchiveQueue(clock);
    }

    /// <summary>Archives embedded events.</summary>
    public MongoEventArchive EventArchive { get; }

    /// <summary>Runs with events that were just written and wait for archiving.</summary>
    public ArchiveQueue ArchiveQueue { get; }

    public void Dispose() => _serverCheck.Dispose();

    public async Task Initialize(CancellationToken cancellationToken)
    {
        await RunIndexes.Create(_runs, RunIndexes.Required, cancellationToken);
        await EventArchive.CreateIndex(cancellationToken);
        await MongoScheduleStore.CreateIndexes(_runs.Database, cancellationToken);
    }

    public async Task CreateListIndexes(CancellationToken cancellationToken)
    {
        await RunIndexes.Create(_runs, RunIndexes.ForLists, cancellationToken);
        await MongoWorkerStore.CreateListIndex(_runs.Database, cancellationToken);
    }

    public Task Ping(CancellationToken cancellationToken) => _serverCheck.Check(cancellationToken);

    public async Task<bool> TryInsert(Run run, CancellationToken cancellationToken)
    {
        var isInserted = await _inserter.Insert(run, cancellationToken);
        if (isInserted && run.EmbeddedEvents.Count > 0)
        {
            ArchiveQueue.Add(run, run.EmbeddedEvents);
        }

        return isInserted;
    }

    public IDisposable GatherCalls() => new GatheringScope(_inserter.Gather(), _reader.Gather());

    public async Task<bool> TryReplace(Run run, RunVersion expected, CancellationToken cancellationToken)
    {
        var added = run.EmbeddedEvents.FindAll(runEvent => runEvent.EventId > expected.LatestEventId);
        if (MongoEventArchive.IsLarge(run.EmbeddedEvents.Count, RunSize.CountCharacters(run.EmbeddedEvents))
            && run.EmbeddedEvents.FindAll(runEvent => runEvent.EventId <= expected.LatestEventId) is { Count: > 0 } earlier)
        {
            await EventArchive.Store(run, earlier, cancellationToken);
            run.EmbeddedEvents = added;
        }

        var isReplaced = await _replacer.Replace(run, expected, cancellationToken);
        if (isReplaced && added.Count > 0)
        {
            ArchiveQueue.Add(run, added);
        }

        return isReplaced;
    }

    public async Task<RunHead?> TryAppend(RunHead head, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        using var reservation = await ArchiveQueue.Reserve(head.Run.Tenant, events, cancellationToken);
        if (MongoEventArchive.IsLarge(head.EmbeddedEventCount, head.EmbeddedCharacterCount + RunSize.CountCharacters(events)))
        {
            await ArchiveEmbeddedEvents(head.Run.Id, cancellationToken);
            head = head.WithoutEmbeddedEvents();
        }

        if (!await _appender.Append(head, events, cancellationToken))
        {
            return null;
        }

        reservation.Enqueue(head.Run);
        return head.Append(events);
    }

    public Task<Run?> Find(Guid id, CancellationToken cancellationToken) => _reader.Read(id, cancellationToken);

    public Task<Run?> FindLinearizable(Guid id, CancellationToken cancellationToken) => _runs.ReadLinearizable<Run, Run?>(
        async (runs, maxTime) => await runs
            .Find(MongoFilters.ById(id), new FindOptions { MaxTime = maxTime })
            .FirstOrDefaultAsync(cancellationToken));

    public async Task<Run?> FindWithoutPayload(Guid id, CancellationToken cancellationToken) =>
        await _runs.Find(MongoFilters.ById(id)).Project<Run>(WithoutPayload).FirstOrDefaultAsync(cancellationToken);

    public Task<IReadOnlyList<RunEvent>> ReadEvents(
        Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken) =>
        _eventLog.Read(run, after, limit, visibility, cancellationToken);

    public async Task<IReadOnlyDictionary<Guid, RunVersion>> GetVersions(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var fields = Builders<Run>.Projection.Include(run => run.Version).Include(run => run.LatestEventId);
        return (await ReadFields(ids, fields, cancellationToken)).ToDictionary(
            document => document["_id"].AsGuid,
            document => new RunVersion(document["version"].ToInt64(), document["latest_event_id"].ToInt64()));
    }

    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken) =>
        _lists.List(query, after, limit, cancellationToken);

    public async Task<IReadOnlyDictionary<Guid, string>> GetStatuses(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var fields = Builders<Run>.Projection.Include(run => run.Status);
        return (await ReadFields(ids, fields, cancellationToken)).ToDictionary(
            document => document["_id"].AsGuid, document => document["status"].AsString);
    }

    public Task<IReadOnlyList<ChildRun>> ListChildren(
        string tenant, IReadOnlyCollection<string> parentRunIds, ChildRun? after, int limit, CancellationToken cancellationToken) =>
        _trees.ListChildren(tenant, parentRunIds, after, limit, cancellationToken);

    public Task<IReadOnlyList<ChildRun>> ListDescendants(
        string tenant, string rootRunId, ChildRun? after, int limit, CancellationToken cancellationToken) =>
        _trees.ListDescendants(tenant, rootRunId, after, limit, cancellationToken);

    public Task<IReadOnlyList<RunWithOutbox>> ListWithOutbox(
        RunWithOutbox? after, int limit, CancellationToken cancellationToken) => _outboxes.List(after, limit, cancellationToken);

    public Task<IReadOnlyList<Run>> ReadOutboxes(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        _outboxes.Read(ids, cancellationToken);

    public Task ClearOutbox(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken) =>
        _outboxes.Clear(dispatched, cancellationToken);

    public Task<IReadOnlyList<DueRun>> ListDue(
        DateTimeOffset now,
        DueRun? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken) => _dueRuns.List(now, after, excludedTenants, limit, cancellationToken);

    public Task<IReadOnlyList<ClaimCandidate>> ListClaimable(
        string tenant, ClaimPool pool, int limit, CancellationToken cancellationToken) =>
        _claims.ListClaimable(tenant, pool, limit, cancellationToken);

    public Task<ReadyPool?> FindReadyPool(ReadyPool? after, CancellationToken cancellationToken) =>
        _claims.FindReadyPool(after, cancellationToken);

    public Task<IReadOnlyList<Run>> ReadLeases(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        _claims.ReadLeases(ids, cancellationToken);

    public Task<IReadOnlyList<Run>> ListLeases(
        string tenant, string owner, string instance, int limit, CancellationToken cancellationToken) =>
        _claims.ListLeases(tenant, owner, instance, limit, cancellationToken);

    public Task<IReadOnlySet<Guid>> RenewLeases(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken) =>
        _claims.Renew(renewals, cancellationToken);

    public Task<bool> TrySetSession(Run run, WorkerSession session, CancellationToken cancellationToken) =>
        _claims.TrySetSession(run, session, cancellationToken);

    private static ProjectionDefinition<Run> ExcludeFields(params Expression<Func<Run, object>>[] members) =>
        members.Aggregate((ProjectionDefinition<Run>)new BsonDocument(), (projection, member) => projection.Exclude(member));

    private Task<List<BsonDocument>> ReadFields(
        IReadOnlyCollection<Guid> ids, ProjectionDefinition<Run> fields, CancellationToken cancellationToken) => _runs
        .Find(MongoFilters.ByIds(ids), new FindOptions { BatchSize = ids.Count + 1 })
        .Project<BsonDocument>(fields)
        .ToListAsync(cancellationToken);

    // Also those that this process did not append: a read of the document has them all.
    private async Task ArchiveEmbeddedEvents(Guid runId, CancellationToken cancellationToken)
    {
        var queued = ArchiveQueue.Take(runId);
        try
        {
            await EventArchive.ArchiveRun(runId, cancellationToken);
        }
        finally
        {
            ArchiveQueue.Release(queued);
        }
    }

    private sealed class GatheringScope(IDisposable inserts, IDisposable reads) : IDisposable
    {
        public void Dispose()
        {
            inserts.Dispose();
            reads.Dispose();
        }
    }
}
