using System.Linq.Expressions;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Runs in the collection <c>runs</c>. Every write is confirmed by a majority and journaled, and names one document by <c>_id</c>; so the collection may be
/// sharded by hashed <c>_id</c>, and <c>run_events</c> by tenant and run id, and no other unique index is needed. Reads go to the primary and see nothing that a change of primary could
/// undo: what a caller is told of a run it found is as durable as what the writer of it was told. They see every write that has returned, but for some seconds after a change of primary.
/// </summary>
internal sealed class MongoRunStore(
    IMongoDatabase database, StoreAvailability availability, TimeProvider clock, ILogger<MongoRunStore> logger, ArchiveQueue? toArchive = null) : IRunStore, IDisposable
{
    /// <summary>What one answer may hold, in characters of the parts that can be large. A reply of the server is as large at most.</summary>
    private const long MostCharacters = 16 * 1024 * 1024;

    // What callers sent and executors made, and who changed the run: a look at its state does not need it.
    private static readonly ProjectionDefinition<Run> Head = Excluding(
        run => run.Request, run => run.Input!, run => run.Config!, run => run.Output!, run => run.Logs!, run => run.Artifacts!,
        run => run.ChangedBy);

    // Runs in one query. The size of what was read is checked after each query.
    private const int OutboxBatch = 16;

    // A primary that has lost its majority would wait for it for ever.
    private static readonly TimeSpan LinearizableTimeout = TimeSpan.FromSeconds(5);

    private readonly IMongoCollection<Run> _runs = Safe(RunDocument.Collection(database));
    private readonly MongoTrouble _trouble = new(availability, clock, logger, failure => MongoConnectionAdvice.ForFailure(failure, database));
    private readonly MongoServerCheck _server = new(database.Client.Settings, logger);
    private readonly GroupInsert _inserts = new(Safe(RunDocument.Collection(database)));
    private readonly MongoEventLog _log = new(Safe(RunDocument.Collection(database)), Safe(RunDocument.Log(database)));

    /// <summary>Runs that were just written with events in them.</summary>
    public ArchiveQueue ToArchive { get; } = toArchive ?? new(clock);

    public void Dispose() => _server.Dispose();

    public async Task Prepare(CancellationToken cancellationToken)
    {
        await _trouble.Told(RunIndexes.Create(_runs, RunIndexes.Necessary, cancellationToken));
        await _trouble.Told(_log.CreateIndex(cancellationToken));
    }

    public Task PrepareLists(CancellationToken cancellationToken) => _trouble.Told(RunIndexes.Create(_runs, RunIndexes.OfLists, cancellationToken));

    public async Task Ping(CancellationToken cancellationToken)
    {
        var hello = await _trouble.Told(_server.Ask(database.DatabaseNamespace.DatabaseName, cancellationToken));
        try
        {
            _server.Check(hello);
        }
        catch (StoreUnavailableException)
        {
            availability.ReportFailure();
            throw;
        }
    }

    public async Task<bool> TryInsert(Run run, CancellationToken cancellationToken) =>
        await _trouble.Told(_inserts.Insert(run, Characters(run), cancellationToken)) && Offer(run, run.RecentEvents);

    public Task<bool> TryReplace(Run run, RunStamp read, CancellationToken cancellationToken)
    {
        return _trouble.Told(Replace());

        async Task<bool> Replace()
        {
            var (old, added) = (run.RecentEvents.FindAll(logged => logged.EventId <= read.LatestEventId), run.RecentEvents.FindAll(logged => logged.EventId > read.LatestEventId));
            run.RecentEvents = [.. await _log.Keep(run, old, added, cancellationToken), .. added];
            var result = await _runs.ReplaceOneAsync(Is(run.Id, read), run, new ReplaceOptions(), cancellationToken);
            return result.MatchedCount == 1 && Offer(run, run.RecentEvents);
        }
    }

    public Task<bool> TryAppend(Run run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        return _trouble.Told(Append());

        async Task<bool> Append()
        {
            await ToArchive.WaitForRoom(run.Tenant, cancellationToken);
            var kept = await _log.Keep(run, run.RecentEvents, events, cancellationToken);
            var update = Builders<Run>.Update
                .Set(stored => stored.LatestEventId, events[^1].EventId)
                .Set(stored => stored.LatestExternalEventSequence, events.Max(logged => logged.ExternalSequence) ?? run.LatestExternalEventSequence)
                .Set(stored => stored.LatestEventAt, events[^1].CreatedAt);
            update = kept.Count == run.RecentEvents.Count
                ? update.PushEach(stored => stored.RecentEvents, events)
                : update.Set(stored => stored.RecentEvents, [.. events]);
            var result = await _runs.UpdateOneAsync(Is(run.Id, RunStamp.Of(run)), update, options: null, cancellationToken);
            return result.MatchedCount == 1 && Offer(run, [.. kept, .. events]);
        }
    }

    public async Task<Run?> Find(Guid id, CancellationToken cancellationToken) =>
        await _trouble.Told(_runs.Find(Is(id)).FirstOrDefaultAsync(cancellationToken));

    public async Task<Run?> FindLatest(Guid id, CancellationToken cancellationToken) => await _trouble.Told(
        Latest((runs, maxTime) => runs.Find(Is(id), new FindOptions { MaxTime = maxTime }).FirstOrDefaultAsync(cancellationToken)));

    public async Task<Run?> FindHead(Guid id, CancellationToken cancellationToken) =>
        await _trouble.Told(_runs.Find(Is(id)).Project<Run>(Head).FirstOrDefaultAsync(cancellationToken));

    public Task<IReadOnlyList<RunEvent>> Events(Run run, long after, int limit, EventScope scope, CancellationToken cancellationToken) =>
        _trouble.Told(_log.Read(run, after, limit, scope, cancellationToken));

    public async Task<IReadOnlyDictionary<Guid, RunStamp>> Stamps(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var stamps = await _trouble.Told(_runs
            .Find(Builders<Run>.Filter.In(run => run.Id, ids), new FindOptions { BatchSize = ids.Count + 1 })
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Version).Include(run => run.LatestEventId))
            .ToListAsync(cancellationToken));
        return stamps.ToDictionary(
            stamp => stamp["_id"].AsGuid, stamp => new RunStamp(stamp["version"].ToInt64(), stamp["latest_event_id"].ToInt64()));
    }

    /// <summary>Puts the recent events of these runs where the log is; see <see cref="EventMover"/>.</summary>
    public Task Move(IReadOnlyCollection<Run> runs, CancellationToken cancellationToken) => _trouble.Told(_log.Move(runs, cancellationToken));

    /// <summary>Runs that still hold events, after <paramref name="after"/>, in a fixed order that has nothing to do with time; without the events.</summary>
    public async Task<IReadOnlyList<Run>> WithRecentEvents(Run? after, int limit, CancellationToken cancellationToken) =>
        await _trouble.Told(_runs
            .Find(RunIndexes.After(after?.Tenant, after?.Id) & RunIndexes.HasRecentEvents)
            .Sort(RunIndexes.Sweep)
            .Limit(limit)
            .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.LatestEventId))
            .ToListAsync(cancellationToken));

    /// <summary>
    /// Those of the runs with these ids that still hold events, each with nothing but these; not all of them, but at least one where there is one, when they hold more than
    /// <paramref name="maxCharacters"/>.
    /// </summary>
    public Task<IReadOnlyList<Run>> RecentEventsOf(IReadOnlyCollection<Guid> ids, long maxCharacters, CancellationToken cancellationToken)
    {
        return _trouble.Told(Read());

        async Task<IReadOnlyList<Run>> Read()
        {
            using var cursor = await _runs
                .Find(Builders<Run>.Filter.In(run => run.Id, ids) & RunIndexes.HasRecentEvents, new FindOptions { BatchSize = 20 })
                .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.RecentEvents))
                .ToCursorAsync(cancellationToken);
            var (runs, characters) = (new List<Run>(), 0L);
            while (characters < maxCharacters && await cursor.MoveNextAsync(cancellationToken))
            {
                foreach (var run in cursor.Current)
                {
                    runs.Add(run);
                    characters += run.RecentEvents.Sum(logged => (long)logged.Event.Text.Length);
                }
            }

            return runs;
        }
    }

    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken)
    {
        var where = Builders<Run>.Filter;
        var filter = where.Eq(run => run.Tenant, query.Tenant) & query switch
        {
            { ProjectId: { } project } => Has(run => run.ProjectId, project),
            { ConversationId: { } conversation } => Has(run => run.ConversationId, conversation),
            { ParentRunId: { } parent } => Has(run => run.ParentRunId, parent),
            { ParentConversationId: { } parent } => Has(run => run.Trigger!.ConversationId, parent),
            _ => throw new ArgumentException("A list has a project, a conversation or a parent.", nameof(query)),
        };
        Narrow(query.Projects, where.In(run => run.ProjectId, query.Projects ?? []));
        Narrow(query.Kind, where.Eq(run => run.Kind, query.Kind));
        Narrow(query.Status, where.Eq(run => run.Status, query.Status));
        Narrow(query.SpawnedFromToolCallId, where.Eq(run => run.Trigger!.ToolCallId, query.SpawnedFromToolCallId));
        Narrow(query.HasInputRequests ? true : null, where.Exists("input_requests.id"));
        Narrow(query.InputRequestStatus, where.ElemMatch(run => run.InputRequests, request => request.Status == query.InputRequestStatus));
        Narrow(query.InputRequestId, where.ElemMatch(run => run.InputRequests, request => request.Id == query.InputRequestId));

        if (after is { CreatedAt: var time, Id: var id })
        {
            // The first condition says nothing new; it is the one that an index can begin at.
            filter &= where.Lte(run => run.CreatedAt, time) & (where.Lt(run => run.CreatedAt, time) | where.Lt(run => run.Id, id));
        }

        return Page(filter, Builders<Run>.Sort.Descending(run => run.CreatedAt).Descending(run => run.Id), limit, query.IsLatest, cancellationToken);

        // That it exists goes without saying, but not for every planner that has to find the partial index.
        FilterDefinition<Run> Has(Expression<Func<Run, object?>> selector, string value) => where.Eq(selector, value) & where.Exists(selector);

        void Narrow(object? wanted, FilterDefinition<Run> condition) => filter = wanted is null ? filter : filter & condition;
    }

    public async Task<IReadOnlyDictionary<Guid, string>> Statuses(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var runs = await _trouble.Told(_runs
            .Find(Builders<Run>.Filter.In(run => run.Id, ids), new FindOptions { BatchSize = ids.Count + 1 })
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Status))
            .ToListAsync(cancellationToken));
        return runs.ToDictionary(run => run["_id"].AsGuid, run => run["status"].AsString);
    }

    public async Task<IReadOnlyList<ChildRun>> Children(
        string tenant, IReadOnlyCollection<string> parents, ChildRun? after, int limit, CancellationToken cancellationToken)
    {
        var where = Builders<Run>.Filter;
        var inTenant = where.Eq(run => run.Tenant, tenant) & where.Exists(run => run.ParentRunId);
        if (after is null)
        {
            return await Read(where.In(run => run.ParentRunId, parents), limit);
        }

        // The rest of one parent's children, then the other parents: two plain ranges of the index, which one condition for both would not be.
        var children = await Read(
            where.Eq(run => run.ParentRunId, after.ParentRunId) & where.Lte(run => run.CreatedAt, after.CreatedAt)
                & (where.Lt(run => run.CreatedAt, after.CreatedAt) | where.Lt(run => run.Id, after.Id)),
            limit);
        return children.Count == limit
            ? children
            : [.. children, .. await Read(where.In(run => run.ParentRunId, parents) & where.Gt(run => run.ParentRunId, after.ParentRunId), limit - children.Count)];

        async Task<List<ChildRun>> Read(FilterDefinition<Run> filter, int most)
        {
            var runs = await _trouble.Told(_runs
                .Find(inTenant & filter, new FindOptions { BatchSize = most + 1 })
                .Sort(Builders<Run>.Sort.Ascending(run => run.ParentRunId).Descending(run => run.CreatedAt).Descending(run => run.Id))
                .Limit(most)
                .Project<BsonDocument>(Builders<Run>.Projection
                    .Include(run => run.RunId).Include(run => run.ParentRunId).Include(run => run.Status).Include(run => run.CreatedAt))
                .ToListAsync(cancellationToken));
            return runs.ConvertAll(run => new ChildRun(
                run["_id"].AsGuid, run["run_id"].AsString, run["parent_run_id"].AsString, run["status"].AsString, run["created_at"].ToUniversalTime()));
        }
    }

    public async Task<IReadOnlyList<UnsentRun>> Unsent(UnsentRun? after, int limit, CancellationToken cancellationToken)
    {
        var runs = await _trouble.Told(_runs
            .Find(RunIndexes.After(after?.Tenant, after?.Id) & RunIndexes.HasOutbox, new FindOptions { BatchSize = limit + 1 })
            .Sort(RunIndexes.Sweep)
            .Limit(limit)
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.Version))
            .ToListAsync(cancellationToken));
        return runs.ConvertAll(run => new UnsentRun(run["tenant"].AsString, run["_id"].AsGuid, run["version"].ToInt64()));
    }

    public Task<IReadOnlyList<Run>> WithOutbox(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        return _trouble.Told(Read());

        async Task<IReadOnlyList<Run>> Read()
        {
            var (runs, characters) = (new List<Run>(), 0L);
            foreach (var some in ids.Chunk(OutboxBatch))
            {
                var found = await _runs
                    .Find(Builders<Run>.Filter.In(run => run.Id, some) & RunIndexes.HasOutbox)
                    .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.Outbox))
                    .ToListAsync(cancellationToken);
                runs.AddRange(found);
                characters += found.Sum(run => run.Outbox.Sum(message => (long)message.Body.Text.Length));
                if (characters >= MostCharacters)
                {
                    break;
                }
            }

            return runs;
        }
    }

    public async Task ClearOutbox(IReadOnlyList<SentMessages> sent, CancellationToken cancellationToken)
    {
        if (sent.Count == 0)
        {
            return;
        }

        // One statement for all runs: an id names one message of one run.
        var messages = sent.SelectMany(run => run.MessageIds).ToList();
        await _trouble.Told(_runs.UpdateManyAsync(
            Builders<Run>.Filter.In(run => run.Id, sent.Select(run => run.RunId)),
            Builders<Run>.Update.PullFilter(run => run.Outbox, Builders<OutboxMessage>.Filter.In(message => message.MessageId, messages)),
            options: null,
            cancellationToken));
    }

    public async Task<IReadOnlyList<DueRun>> Due(
        DateTimeOffset now, DueRun? after, IReadOnlyCollection<string> except, int limit, CancellationToken cancellationToken)
    {
        var where = Builders<Run>.Filter;
        var due = where.Exists(run => run.DueAt) & where.Lte(run => run.DueAt, now); // exists: as in lists
        if (after is { DueAt: var time, Id: var id })
        {
            due &= where.Gte(run => run.DueAt, time) & (where.Gt(run => run.DueAt, time) | where.Gt(run => run.Id, id));
        }

        if (except.Count > 0)
        {
            due &= where.Nin(run => run.Tenant, except);
        }

        var runs = await _trouble.Told(_runs
            .Find(due, new FindOptions { BatchSize = limit + 1 })
            .Sort(Builders<Run>.Sort.Ascending(run => run.DueAt).Ascending(run => run.Id))
            .Limit(limit)
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.DueAt))
            .ToListAsync(cancellationToken));
        return runs.ConvertAll(run => new DueRun(run["_id"].AsGuid, run["tenant"].AsString, run["run_id"].AsString, run["due_at"].ToUniversalTime()));
    }

    /// <summary>Reads until the page is full, in one round trip where the runs are small: one more than it holds tells whether there is a next one.</summary>
    private Task<RunPage> Page(FilterDefinition<Run> filter, SortDefinition<Run> sort, int limit, bool isLatest, CancellationToken cancellationToken)
    {
        return _trouble.Told(isLatest ? Latest(Read) : Read(_runs, null));

        async Task<RunPage> Read(IMongoCollection<Run> from, TimeSpan? maxTime)
        {
            var options = new FindOptions<Run> { Sort = sort, Limit = limit + 1, BatchSize = limit + 1, MaxTime = maxTime };
            using var cursor = await from.FindAsync(filter, options, cancellationToken);
            var runs = new List<Run>();
            var characters = 0L;
            while (await cursor.MoveNextAsync(cancellationToken))
            {
                foreach (var run in cursor.Current)
                {
                    characters += Characters(run);
                    if (runs.Count == limit || (runs.Count > 0 && characters > MostCharacters))
                    {
                        return new RunPage(runs, RunCursor.After(runs[^1])) { Characters = characters };
                    }

                    runs.Add(run);
                }
            }

            return new RunPage(runs, null) { Characters = characters };
        }
    }

    /// <summary>Reads one run as of the last acknowledged write.</summary>
    private async Task<T> Latest<T>(Func<IMongoCollection<Run>, TimeSpan?, Task<T>> read)
    {
        try
        {
            return await read(_runs.WithReadConcern(ReadConcern.Linearizable), LinearizableTimeout);
        }
        catch (MongoCommandException standalone) when (standalone.Code == MongoErrorCodes.NotAReplicaSet)
        {
            return await read(_runs, null); // one server alone is never behind
        }
    }

    // The time limit is the server's: a write that a majority does not confirm in time is an error, although it may still be confirmed.
    private static IMongoCollection<T> Safe<T>(IMongoCollection<T> collection) => collection
        .WithWriteConcern(WriteConcern.WMajority.With(journal: true, wTimeout: TimeSpan.FromSeconds(10)))
        .WithReadPreference(ReadPreference.Primary)
        .WithReadConcern(ReadConcern.Majority);

    // Written out: the driver would translate an expression anew in every call.
    private static BsonDocument Is(Guid id) => new("_id", new BsonBinaryData(id, GuidRepresentation.Standard));

    private static BsonDocument Is(Guid id, RunStamp read) => new()
    {
        { "_id", new BsonBinaryData(id, GuidRepresentation.Standard) }, { "version", read.Version }, { "latest_event_id", read.LatestEventId },
    };

    private static ProjectionDefinition<Run> Excluding(params Expression<Func<Run, object>>[] members) =>
        members.Aggregate((ProjectionDefinition<Run>)new BsonDocument(), (projection, member) => projection.Exclude(member));

    // Tells the mover, and whoever wrote that it was done.
    private bool Offer(Run run, List<RunEvent> held)
    {
        if (held.Count > 0)
        {
            ToArchive.Add(new Run
            {
                Id = run.Id,
                Tenant = run.Tenant,
                RunId = run.RunId,
                LatestEventId = held.Max(logged => logged.EventId),
                RecentEvents = [.. held],
            });
        }

        return true;
    }

    private static long Characters(Run run) =>
        (run.Input?.Text.Length ?? 0) + (run.Config?.Text.Length ?? 0) + (run.Output?.Text.Length ?? 0) + (run.Metadata?.Text.Length ?? 0)
        + (run.Artifacts?.Text.Length ?? 0) + (run.Logs?.Length ?? 0) + (run.Error?.Detail?.Text.Length ?? 0) + run.Request.Text.Length
        + run.Outbox.Sum(message => (long)message.Body.Text.Length) + run.RecentEvents.Sum(logged => (long)logged.Event.Text.Length)
        + run.InputRequests.Sum(request => (long)request.Fields.Text.Length + (request.Metadata?.Text.Length ?? 0) + (request.Values?.Text.Length ?? 0));
}
