using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Stores workers in the collection <c>workers</c>. Reads use the primary with majority read concern, like those of
/// <see cref="MongoRunStore"/>.
/// </summary>
/// <remarks>Throws the driver's exceptions: see <see cref="ExceptionTranslatingWorkerStore"/>.</remarks>
internal sealed class MongoWorkerStore(IMongoDatabase database) : IWorkerStore
{
    private readonly IMongoCollection<Worker> _workers = MongoCollections.GetWorkers(database);

    /// <summary>Creates the index of the list.</summary>
    public static Task CreateListIndex(IMongoDatabase database, CancellationToken cancellationToken)
    {
        var keys = Builders<Worker>.IndexKeys;
        var index = new CreateIndexModel<Worker>(
            keys.Ascending(worker => worker.Tenant)
                .Ascending(worker => worker.ProjectId)
                .Descending(worker => worker.CreatedAt)
                .Descending(worker => worker.Id),
            new CreateIndexOptions<Worker> { Name = "project_id" });
        return RunIndexes.Create(MongoCollections.GetWorkers(database), [index], cancellationToken);
    }

    public async Task<bool> TryInsert(Worker worker, CancellationToken cancellationToken)
    {
        try
        {
            await _workers.InsertOneAsync(worker, options: null, cancellationToken);
            return true;
        }
        catch (MongoWriteException exception) when (MongoExceptions.IsDuplicateKey(exception))
        {
            return false;
        }
    }

    // An update and not a replace: it must not undo a heartbeat, and keeps members that a later release added.
    public async Task<bool> TryReplace(Worker worker, long expectedVersion, CancellationToken cancellationToken)
    {
        var filter = MongoFilters.ById(worker.Id).Add("version", expectedVersion);
        var result = await _workers.UpdateOneAsync(filter, CreateUpdate(worker), options: null, cancellationToken);
        return result.MatchedCount == 1;
    }

    public async Task<Worker?> Find(Guid id, CancellationToken cancellationToken) =>
        await _workers.Find(MongoFilters.ById(id)).FirstOrDefaultAsync(cancellationToken);

    public Task<Worker?> FindLinearizable(Guid id, CancellationToken cancellationToken) => _workers.ReadLinearizable<Worker, Worker?>(
        async (workers, maxTime) => await workers
            .Find(MongoFilters.ById(id), new FindOptions { MaxTime = maxTime })
            .FirstOrDefaultAsync(cancellationToken));

    public async Task<IReadOnlyList<Worker>> FindWithoutDetails(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => await _workers
        .Find(Builders<Worker>.Filter.In(worker => worker.Id, ids), new FindOptions { BatchSize = ids.Count + 1 })
        .Project<Worker>(Builders<Worker>.Projection.Exclude(worker => worker.Metadata).Exclude(worker => worker.Targets))
        .ToListAsync(cancellationToken);

    public async Task<WorkerPage> List(
        string tenant, string projectId, RunCursor? after, int limit, CancellationToken cancellationToken)
    {
        var builder = Builders<Worker>.Filter;
        var filter = builder.Eq(worker => worker.Tenant, tenant)
            & builder.Eq(worker => worker.ProjectId, projectId)
            & builder.Exists(worker => worker.RevokedAt, exists: false);
        if (after is { CreatedAt: var time, Id: var id })
        {
            // The first condition is redundant, but it lets the index scan start at the cursor.
            filter &= builder.Lte(worker => worker.CreatedAt, time)
                & (builder.Lt(worker => worker.CreatedAt, time) | builder.Lt(worker => worker.Id, id));
        }

        var options = new FindOptions<Worker>
        {
            Sort = Builders<Worker>.Sort.Descending(worker => worker.CreatedAt).Descending(worker => worker.Id),
            Limit = limit + 1,
            BatchSize = limit + 1,
        };
        using var cursor = await _workers.FindAsync(filter, options, cancellationToken);
        var page = new PageBuilder<Worker>(limit);
        while (await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var worker in cursor.Current)
            {
                if (!page.TryAdd(worker, WorkerPage.CountCharacters(worker)))
                {
                    return WorkerPage.From(page, hasNext: true);
                }
            }
        }

        return WorkerPage.From(page, hasNext: false);
    }

    public Task RecordHeartbeats(IReadOnlyCollection<Guid> ids, DateTimeOffset time, CancellationToken cancellationToken) =>
        _workers.UpdateManyAsync(
            Builders<Worker>.Filter.In(worker => worker.Id, ids),
            Builders<Worker>.Update.Max(worker => worker.LastHeartbeatAt, time), // also sets a field that does not exist yet
            options: null,
            cancellationToken);

    // Sets every member that has a value, and removes those without one. Unknown members stay as they are stored.
    private static BsonDocument CreateUpdate(Worker worker)
    {
        var document = (worker with { UnknownElements = null }).ToBsonDocument();
        var absent = BsonClassMap.LookupClassMap(typeof(Worker)).DeclaredMemberMaps
            .Select(member => member.ElementName)
            .Where(name => !document.Contains(name));
        var removed = new BsonDocument(absent.Where(name => !IsKept(name)).Select(name => new BsonElement(name, "")));
        var set = new BsonDocument(document.Where(element => !IsKept(element.Name)));
        return removed.ElementCount == 0 ? new BsonDocument("$set", set) : new BsonDocument { { "$set", set }, { "$unset", removed } };
    }

    private static bool IsKept(string name) => name is "_id" or "last_heartbeat_at";
}
