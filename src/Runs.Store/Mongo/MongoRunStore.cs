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
internal sealed class MongoRunStore(
    IMongoDatabase database, StoreAvailability availability, TimeProvider clock, ILogger<MongoRunStore> logger, ArchiveQueue? archiveQueue = null) : IRunStore, IDisposable
{
    /// <summary>
    /// The maximum size of a page, in characters of the parts that can be large. It equals the maximum size of a
    /// server's reply.
    /// </summary>
    private const long MaxPageCharacters = 16 * 1024 * 1024;

    // Excludes what callers and executors sent, and the list of changes: reading the state of a run does not need them.
    private static readonly ProjectionDefinition<Run> WithoutPayload = ExcludeFields(
        run => run.Request, run => run.Input!, run => run.Config!, run => run.Output!, run => run.Logs!, run => run.Artifacts!,
        run => run.Changes);

    // The number of runs in one query. The size of the result is checked after each query.
    private const int OutboxBatchSize = 16;

    // Without a limit, a primary that has lost its majority would wait for it indefinitely.
    private static readonly TimeSpan LinearizableTimeout = TimeSpan.FromSeconds(5);

    private readonly IMongoCollection<Run> _runs = WithMajorityConcerns(RunClassMaps.GetRunCollection(database));
    private readonly MongoExceptionTranslator _exceptionTranslator = new(availability, clock, logger, failure => MongoConnectionAdvice.ForFailure(failure, database));
    private readonly MongoServerCheck _serverCheck = new(database.Client.Settings, logger);
    private readonly BatchedInserter _inserter = new(WithMajorityConcerns(RunClassMaps.GetRunCollection(database)));
    private readonly MongoEventLog _eventLog = new(WithMajorityConcerns(RunClassMaps.GetRunCollection(database)), WithMajorityConcerns(RunClassMaps.GetEventCollection(database)));

    /// <summary>Runs that were just written and have embedded events.</summary>
    public ArchiveQueue ArchiveQueue { get; } = archiveQueue ?? new(clock);

    public void Dispose() => _serverCheck.Dispose();

    public async Task Initialize(CancellationToken cancellationToken)
    {
        await _exceptionTranslator.Translate(RunIndexes.Create(_runs, RunIndexes.Required, cancellationToken));
        await _exceptionTranslator.Translate(_eventLog.CreateIndex(cancellationToken));
    }

    public Task CreateListIndexes(CancellationToken cancellationToken) => _exceptionTranslator.Translate(RunIndexes.Create(_runs, RunIndexes.ForLists, cancellationToken));

    public async Task Ping(CancellationToken cancellationToken)
    {
        var hello = await _exceptionTranslator.Translate(_serverCheck.SendHello(database.DatabaseNamespace.DatabaseName, cancellationToken));
        try
        {
            _serverCheck.ThrowIfNotWritable(hello);
        }
        catch (StoreUnavailableException)
        {
            availability.ReportFailure();
            throw;
        }
    }

    public async Task<bool> TryInsert(Run run, CancellationToken cancellationToken) =>
        await _exceptionTranslator.Translate(_inserter.Insert(run, CountCharacters(run), cancellationToken)) && QueueForArchiving(run, run.EmbeddedEvents);

    public Task<bool> TryReplace(Run run, RunVersion expected, CancellationToken cancellationToken)
    {
        return _exceptionTranslator.Translate(Replace());

        async Task<bool> Replace()
        {
            var embedded = run.EmbeddedEvents.FindAll(runEvent => runEvent.EventId <= expected.LatestEventId);
            var added = run.EmbeddedEvents.FindAll(runEvent => runEvent.EventId > expected.LatestEventId);
            run.EmbeddedEvents = [.. await _eventLog.ArchiveIfLarge(run, embedded, added, cancellationToken), .. added];
            var result = await _runs.ReplaceOneAsync(ById(run.Id, expected), run, new ReplaceOptions(), cancellationToken);
            return result.MatchedCount == 1 && QueueForArchiving(run, run.EmbeddedEvents);
        }
    }

    public Task<bool> TryAppend(Run run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        return _exceptionTranslator.Translate(Append());

        async Task<bool> Append()
        {
            await ArchiveQueue.WaitForCapacity(run.Tenant, cancellationToken);
            var embedded = await _eventLog.ArchiveIfLarge(run, run.EmbeddedEvents, events, cancellationToken);
            var update = Builders<Run>.Update
                .Set(stored => stored.LatestEventId, events[^1].EventId)
                .Set(
                    stored => stored.LatestExternalEventSequence,
                    events.Max(runEvent => runEvent.ExternalSequence) ?? run.LatestExternalEventSequence)
                .Set(stored => stored.LatestEventAt, events[^1].CreatedAt);
            update = embedded.Count == run.EmbeddedEvents.Count
                ? update.PushEach(stored => stored.EmbeddedEvents, events)
                : update.Set(stored => stored.EmbeddedEvents, [.. events]);
            var result = await _runs.UpdateOneAsync(ById(run.Id, RunVersion.From(run)), update, options: null, cancellationToken);
            return result.MatchedCount == 1 && QueueForArchiving(run, [.. embedded, .. events]);
        }
    }

    public async Task<Run?> Find(Guid id, CancellationToken cancellationToken) =>
        await _exceptionTranslator.Translate(_runs.Find(ById(id)).FirstOrDefaultAsync(cancellationToken));

    public async Task<Run?> FindLinearizable(Guid id, CancellationToken cancellationToken) => await _exceptionTranslator.Translate(
        ReadLinearizable((runs, maxTime) => runs.Find(ById(id), new FindOptions { MaxTime = maxTime }).FirstOrDefaultAsync(cancellationToken)));

    public async Task<Run?> FindWithoutPayload(Guid id, CancellationToken cancellationToken) =>
        await _exceptionTranslator.Translate(_runs.Find(ById(id)).Project<Run>(WithoutPayload).FirstOrDefaultAsync(cancellationToken));

    public Task<IReadOnlyList<RunEvent>> ReadEvents(Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken) =>
        _exceptionTranslator.Translate(_eventLog.Read(run, after, limit, visibility, cancellationToken));

    public async Task<IReadOnlyDictionary<Guid, RunVersion>> GetVersions(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var documents = await _exceptionTranslator.Translate(_runs
            .Find(Builders<Run>.Filter.In(run => run.Id, ids), new FindOptions { BatchSize = ids.Count + 1 })
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Version).Include(run => run.LatestEventId))
            .ToListAsync(cancellationToken));
        return documents.ToDictionary(
            document => document["_id"].AsGuid,
            document => new RunVersion(document["version"].ToInt64(), document["latest_event_id"].ToInt64()));
    }

    /// <summary>Archives the embedded events of these runs; see <see cref="EventArchiver"/>.</summary>
    public Task ArchiveEvents(IReadOnlyCollection<Run> runs, CancellationToken cancellationToken) => _exceptionTranslator.Translate(_eventLog.Archive(runs, cancellationToken));

    /// <summary>
    /// Returns the runs that have embedded events, but not the events themselves, after <paramref name="after"/>, in a
    /// fixed order that does not depend on time.
    /// </summary>
    public async Task<IReadOnlyList<Run>> ListWithEmbeddedEvents(Run? after, int limit, CancellationToken cancellationToken) =>
        await _exceptionTranslator.Translate(_runs
            .Find(RunIndexes.After(after?.Tenant, after?.Id) & RunIndexes.HasEmbeddedEvents)
            .Sort(RunIndexes.SweepOrder)
            .Limit(limit)
            .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.LatestEventId))
            .ToListAsync(cancellationToken));

    /// <summary>
    /// Returns those of the runs with these ids that have embedded events, with only their ids, tenant and events. When
    /// the events have more than <paramref name="maxCharacters"/> characters, returns only some of the runs, but at
    /// least one if there is any.
    /// </summary>
    public Task<IReadOnlyList<Run>> ReadEmbeddedEvents(IReadOnlyCollection<Guid> ids, long maxCharacters, CancellationToken cancellationToken)
    {
        return _exceptionTranslator.Translate(Read());

        async Task<IReadOnlyList<Run>> Read()
        {
            using var cursor = await _runs
                .Find(Builders<Run>.Filter.In(run => run.Id, ids) & RunIndexes.HasEmbeddedEvents, new FindOptions { BatchSize = 20 })
                .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.EmbeddedEvents))
                .ToCursorAsync(cancellationToken);
            var (runs, characters) = (new List<Run>(), 0L);
            while (characters < maxCharacters && await cursor.MoveNextAsync(cancellationToken))
            {
                foreach (var run in cursor.Current)
                {
                    runs.Add(run);
                    characters += run.EmbeddedEvents.Sum(runEvent => (long)runEvent.Event.Text.Length);
                }
            }

            return runs;
        }
    }

    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken)
    {
        var builder = Builders<Run>.Filter;
        var filter = builder.Eq(run => run.Tenant, query.Tenant) & query switch
        {
            { ProjectId: { } project } => FieldEquals(run => run.ProjectId, project),
            { ConversationId: { } conversation } => FieldEquals(run => run.ConversationId, conversation),
            { ParentRunId: { } parent } => FieldEquals(run => run.ParentRunId, parent),
            { ParentConversationId: { } parent } => FieldEquals(run => run.Trigger!.ConversationId, parent),
            _ => throw new ArgumentException("A list has a project, a conversation or a parent.", nameof(query)),
        };
        AddFilter(query.Projects, builder.In(run => run.ProjectId, query.Projects ?? []));
        AddFilter(query.Kind, builder.Eq(run => run.Kind, query.Kind));
        AddFilter(query.Status, builder.Eq(run => run.Status, query.Status));
        AddFilter(query.SpawnedFromToolCallId, builder.Eq(run => run.Trigger!.ToolCallId, query.SpawnedFromToolCallId));
        AddFilter(query.HasInputRequests ? true : null, builder.Exists("input_requests.id"));
        AddFilter(
            query.InputRequestStatus, builder.ElemMatch(run => run.InputRequests, request => request.Status == query.InputRequestStatus));
        AddFilter(query.InputRequestId, builder.ElemMatch(run => run.InputRequests, request => request.Id == query.InputRequestId));

        if (after is { CreatedAt: var time, Id: var id })
        {
            // The first condition is redundant, but it lets the index scan start at the cursor.
            filter &= builder.Lte(run => run.CreatedAt, time) & (builder.Lt(run => run.CreatedAt, time) | builder.Lt(run => run.Id, id));
        }

        return ReadPage(filter, Builders<Run>.Sort.Descending(run => run.CreatedAt).Descending(run => run.Id), limit, query.IsLinearizable, cancellationToken);

        // The exists condition is redundant, but some query planners need it to select the partial index.
        FilterDefinition<Run> FieldEquals(Expression<Func<Run, object?>> selector, string value) =>
            builder.Eq(selector, value) & builder.Exists(selector);

        void AddFilter(object? value, FilterDefinition<Run> condition) => filter = value is null ? filter : filter & condition;
    }

    public async Task<IReadOnlyDictionary<Guid, string>> GetStatuses(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var runs = await _exceptionTranslator.Translate(_runs
            .Find(Builders<Run>.Filter.In(run => run.Id, ids), new FindOptions { BatchSize = ids.Count + 1 })
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Status))
            .ToListAsync(cancellationToken));
        return runs.ToDictionary(run => run["_id"].AsGuid, run => run["status"].AsString);
    }

    public async Task<IReadOnlyList<ChildRun>> ListChildren(
        string tenant, IReadOnlyCollection<string> parentRunIds, ChildRun? after, int limit, CancellationToken cancellationToken)
    {
        var builder = Builders<Run>.Filter;
        var inTenant = builder.Eq(run => run.Tenant, tenant) & builder.Exists(run => run.ParentRunId);
        if (after is null)
        {
            return await Read(builder.In(run => run.ParentRunId, parentRunIds), limit);
        }

        // Two queries: the rest of one parent's children, then the other parents. Each is a plain index range; one
        // combined condition would not be.
        var children = await Read(
            builder.Eq(run => run.ParentRunId, after.ParentRunId) & builder.Lte(run => run.CreatedAt, after.CreatedAt)
                & (builder.Lt(run => run.CreatedAt, after.CreatedAt) | builder.Lt(run => run.Id, after.Id)),
            limit);
        return children.Count == limit
            ? children
            : [.. children, .. await Read(
                builder.In(run => run.ParentRunId, parentRunIds) & builder.Gt(run => run.ParentRunId, after.ParentRunId),
                limit - children.Count)];

        async Task<List<ChildRun>> Read(FilterDefinition<Run> filter, int count)
        {
            var runs = await _exceptionTranslator.Translate(_runs
                .Find(inTenant & filter, new FindOptions { BatchSize = count + 1 })
                .Sort(Builders<Run>.Sort.Ascending(run => run.ParentRunId).Descending(run => run.CreatedAt).Descending(run => run.Id))
                .Limit(count)
                .Project<BsonDocument>(Builders<Run>.Projection
                    .Include(run => run.RunId).Include(run => run.ParentRunId).Include(run => run.Status).Include(run => run.CreatedAt))
                .ToListAsync(cancellationToken));
            return runs.ConvertAll(run => new ChildRun(
                run["_id"].AsGuid, run["run_id"].AsString, run["parent_run_id"].AsString, run["status"].AsString, run["created_at"].ToUniversalTime()));
        }
    }

    public async Task<IReadOnlyList<RunWithOutbox>> ListWithOutbox(RunWithOutbox? after, int limit, CancellationToken cancellationToken)
    {
        var runs = await _exceptionTranslator.Translate(_runs
            .Find(RunIndexes.After(after?.Tenant, after?.Id) & RunIndexes.HasOutbox, new FindOptions { BatchSize = limit + 1 })
            .Sort(RunIndexes.SweepOrder)
            .Limit(limit)
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.Version))
            .ToListAsync(cancellationToken));
        return runs.ConvertAll(run => new RunWithOutbox(run["tenant"].AsString, run["_id"].AsGuid, run["version"].ToInt64()));
    }

    public Task<IReadOnlyList<Run>> ReadOutboxes(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        return _exceptionTranslator.Translate(Read());

        async Task<IReadOnlyList<Run>> Read()
        {
            var (runs, characters) = (new List<Run>(), 0L);
            foreach (var idBatch in ids.Chunk(OutboxBatchSize))
            {
                var found = await _runs
                    .Find(Builders<Run>.Filter.In(run => run.Id, idBatch) & RunIndexes.HasOutbox)
                    .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.Outbox))
                    .ToListAsync(cancellationToken);
                runs.AddRange(found);
                characters += found.Sum(run => run.Outbox.Sum(message => (long)message.Body.Text.Length));
                if (characters >= MaxPageCharacters)
                {
                    break;
                }
            }

            return runs;
        }
    }

    public async Task ClearOutbox(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken)
    {
        if (dispatched.Count == 0)
        {
            return;
        }

        // One statement for all runs, because an id identifies one message of one run.
        var messages = dispatched.SelectMany(run => run.MessageIds).ToList();
        await _exceptionTranslator.Translate(_runs.UpdateManyAsync(
            Builders<Run>.Filter.In(run => run.Id, dispatched.Select(run => run.RunId)),
            Builders<Run>.Update.PullFilter(run => run.Outbox, Builders<OutboxMessage>.Filter.In(message => message.MessageId, messages)),
            options: null,
            cancellationToken));
    }

    public async Task<IReadOnlyList<DueRun>> ListDue(
        DateTimeOffset now, DueRun? after, IReadOnlyCollection<string> excludedTenants, int limit, CancellationToken cancellationToken)
    {
        var builder = Builders<Run>.Filter;
        var filter = builder.Exists(run => run.DueAt) & builder.Lte(run => run.DueAt, now); // exists: see List
        if (after is { DueAt: var time, Id: var id })
        {
            filter &= builder.Gte(run => run.DueAt, time) & (builder.Gt(run => run.DueAt, time) | builder.Gt(run => run.Id, id));
        }

        if (excludedTenants.Count > 0)
        {
            filter &= builder.Nin(run => run.Tenant, excludedTenants);
        }

        var runs = await _exceptionTranslator.Translate(_runs
            .Find(filter, new FindOptions { BatchSize = limit + 1 })
            .Sort(Builders<Run>.Sort.Ascending(run => run.DueAt).Ascending(run => run.Id))
            .Limit(limit)
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.DueAt))
            .ToListAsync(cancellationToken));
        return runs.ConvertAll(run => new DueRun(run["_id"].AsGuid, run["tenant"].AsString, run["run_id"].AsString, run["due_at"].ToUniversalTime()));
    }

    /// <summary>
    /// Reads until the page is full, in one round trip if the runs are small. Reads one more run than the page holds,
    /// to find out whether there is a next page.
    /// </summary>
    private Task<RunPage> ReadPage(FilterDefinition<Run> filter, SortDefinition<Run> sort, int limit, bool isLinearizable, CancellationToken cancellationToken)
    {
        return _exceptionTranslator.Translate(isLinearizable ? ReadLinearizable(Read) : Read(_runs, null));

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
                    characters += CountCharacters(run);
                    if (runs.Count == limit || (runs.Count > 0 && characters > MaxPageCharacters))
                    {
                        return new RunPage(runs, RunCursor.After(runs[^1])) { CharacterCount = characters };
                    }

                    runs.Add(run);
                }
            }

            return new RunPage(runs, null) { CharacterCount = characters };
        }
    }

    /// <summary>Reads at most one run, as of the last acknowledged write.</summary>
    private async Task<T> ReadLinearizable<T>(Func<IMongoCollection<Run>, TimeSpan?, Task<T>> read)
    {
        try
        {
            return await read(_runs.WithReadConcern(ReadConcern.Linearizable), LinearizableTimeout);
        }
        catch (MongoCommandException exception) when (exception.Code == MongoErrorCodes.NotAReplicaSet)
        {
            return await read(_runs, null); // a standalone server is never behind
        }
    }

    // wTimeout applies on the server: a write that a majority does not confirm in time is an error, although it may
    // still be confirmed later.
    private static IMongoCollection<T> WithMajorityConcerns<T>(IMongoCollection<T> collection) => collection
        .WithWriteConcern(WriteConcern.WMajority.With(journal: true, wTimeout: TimeSpan.FromSeconds(10)))
        .WithReadPreference(ReadPreference.Primary)
        .WithReadConcern(ReadConcern.Majority);

    // A document instead of an expression, which the driver would translate again in every call.
    private static BsonDocument ById(Guid id) => new("_id", new BsonBinaryData(id, GuidRepresentation.Standard));

    private static BsonDocument ById(Guid id, RunVersion expected) => new()
    {
        { "_id", new BsonBinaryData(id, GuidRepresentation.Standard) }, { "version", expected.Version }, { "latest_event_id", expected.LatestEventId },
    };

    private static ProjectionDefinition<Run> ExcludeFields(params Expression<Func<Run, object>>[] members) =>
        members.Aggregate((ProjectionDefinition<Run>)new BsonDocument(), (projection, member) => projection.Exclude(member));

    // Always returns true, so that writes can chain it to their result.
    private bool QueueForArchiving(Run run, List<RunEvent> events)
    {
        if (events.Count > 0)
        {
            ArchiveQueue.Add(new Run
            {
                Id = run.Id,
                Tenant = run.Tenant,
                RunId = run.RunId,
                LatestEventId = events.Max(runEvent => runEvent.EventId),
                EmbeddedEvents = [.. events],
            });
        }

        return true;
    }

    private static long CountCharacters(Run run) =>
        (run.Input?.Text.Length ?? 0) + (run.Config?.Text.Length ?? 0) + (run.Output?.Text.Length ?? 0) + (run.Metadata?.Text.Length ?? 0)
        + (run.Artifacts?.Text.Length ?? 0) + (run.Logs?.Length ?? 0) + (run.Error?.Detail?.Text.Length ?? 0) + run.Request.Text.Length
        + run.Outbox.Sum(message => (long)message.Body.Text.Length)
        + run.EmbeddedEvents.Sum(runEvent => (long)runEvent.Event.Text.Length)
        + run.InputRequests.Sum(request => (long)request.Fields.Text.Length + (request.Metadata?.Text.Length ?? 0) + (request.Values?.Text.Length ?? 0));
}
