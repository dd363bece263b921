using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Contracts;

namespace Runs.Store.Mongo;

/// <summary>
/// Stores schedules in the collection <c>schedules</c>, and reads their runs. Writes address documents by <c>_id</c>,
/// and reads have the guarantees of <see cref="MongoRunStore"/>.
/// </summary>
/// <remarks>Throws the driver's exceptions: see <see cref="ExceptionTranslatingScheduleStore"/>.</remarks>
internal sealed class MongoScheduleStore(IMongoDatabase database) : IScheduleStore
{
    private static readonly FilterDefinitionBuilder<Schedule> Filter = Builders<Schedule>.Filter;
    private static readonly string[] ActiveStatuses = [.. RunStatuses.All.Except(RunStatuses.Terminal)];
    private static readonly string[] EndedStatuses = [RunStatuses.Completed, RunStatuses.Failed];

    private readonly IMongoCollection<Schedule> _schedules = MongoCollections.GetSchedules(database);
    private readonly IMongoCollection<Run> _runs = MongoCollections.GetRuns(database);

    /// <summary>Creates the missing indexes of the collection.</summary>
    public static Task CreateIndexes(IMongoDatabase database, CancellationToken cancellationToken)
    {
        var keys = Builders<Schedule>.IndexKeys;
        return RunIndexes.Create(
            MongoCollections.GetSchedules(database),
            [
                new CreateIndexModel<Schedule>(
                    keys.Ascending(schedule => schedule.DueAt).Ascending(schedule => schedule.Id),
                    new CreateIndexOptions<Schedule>
                    {
                        Name = "due_in_order",
                        PartialFilterExpression = new BsonDocument("due_at", new BsonDocument("$exists", true)),
                    }),
                new CreateIndexModel<Schedule>(
                    keys.Ascending(schedule => schedule.Tenant)
                        .Ascending(schedule => schedule.ProjectId)
                        .Descending(schedule => schedule.CreatedAt)
                        .Descending(schedule => schedule.Id),
                    new CreateIndexOptions { Name = "schedules_by_project" }),
            ],
            cancellationToken);
    }

    public async Task<bool> TryInsert(Schedule schedule, CancellationToken cancellationToken)
    {
        try
        {
            await _schedules.InsertOneAsync(schedule, options: null, cancellationToken);
            return true;
        }
        catch (MongoWriteException exception) when (MongoExceptions.IsDuplicateKey(exception))
        {
            return false;
        }
    }

    public async Task<Schedule?> Find(Guid id, CancellationToken cancellationToken) =>
        await _schedules.Find(Filter.Eq(schedule => schedule.Id, id)).FirstOrDefaultAsync(cancellationToken);

    public async Task<bool> TryReplace(Schedule schedule, CancellationToken cancellationToken)
    {
        var result = await _schedules.ReplaceOneAsync(
            HasVersion(schedule.Id, schedule.Version - 1), schedule, new ReplaceOptions(), cancellationToken);
        return result.MatchedCount > 0;
    }

    public async Task<IReadOnlySet<Guid>> Replace(IReadOnlyList<Schedule> schedules, CancellationToken cancellationToken)
    {
        var ids = schedules.Select(schedule => schedule.Id).ToHashSet();
        if (ids.Count == 0)
        {
            return ids;
        }

        var result = await _schedules.BulkWriteAsync(
            schedules.Select(schedule => new ReplaceOneModel<Schedule>(HasVersion(schedule.Id, schedule.Version - 1), schedule)),
            new BulkWriteOptions { IsOrdered = false },
            cancellationToken);
        if (result.MatchedCount == schedules.Count)
        {
            return ids;
        }

        // The result does not name the schedules that another process has changed. Compare the contents.
        var stored = await _schedules
            .Find(Filter.In(schedule => schedule.Id, ids))
            .ToListAsync(cancellationToken);
        var documents = stored.ToDictionary(schedule => schedule.Id, schedule => schedule.ToBsonDocument());
        return schedules
            .Where(schedule => documents.GetValueOrDefault(schedule.Id) == schedule.ToBsonDocument())
            .Select(schedule => schedule.Id)
            .ToHashSet();
    }

    public async Task<bool> TryDelete(Schedule schedule, CancellationToken cancellationToken)
    {
        var result = await _schedules.DeleteOneAsync(HasVersion(schedule.Id, schedule.Version), cancellationToken);
        return result.DeletedCount > 0;
    }

    public async Task<IReadOnlyList<Schedule>> ListDue(
        DateTimeOffset now,
        Schedule? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken)
    {
        var filter = Filter.Exists(schedule => schedule.DueAt) & Filter.Lte(schedule => schedule.DueAt, now); // see MongoRunLists
        if (after is { DueAt: var time, Id: var id })
        {
            filter &= Filter.Gte(schedule => schedule.DueAt, time)
                & (Filter.Gt(schedule => schedule.DueAt, time) | Filter.Gt(schedule => schedule.Id, id));
        }

        if (excludedTenants.Count > 0)
        {
            filter &= Filter.Nin(schedule => schedule.Tenant, excludedTenants);
        }

        return await _schedules
            .Find(filter, new FindOptions { BatchSize = limit + 1 })
            .Sort(Builders<Schedule>.Sort.Ascending(schedule => schedule.DueAt).Ascending(schedule => schedule.Id))
            .Limit(limit)
            .ToListAsync(cancellationToken);
    }

    public async Task<int> Count(string tenant, int limit, CancellationToken cancellationToken) => (int)await _schedules
        .CountDocumentsAsync(Filter.Eq(schedule => schedule.Tenant, tenant), new CountOptions { Limit = limit }, cancellationToken);

    public async Task<SchedulePage> List(
        ScheduleQuery query, RunCursor? after, int limit, CancellationToken cancellationToken)
    {
        var filter = Filter.Eq(schedule => schedule.Tenant, query.Tenant) & Filter.Eq(schedule => schedule.ProjectId, query.ProjectId);
        if (query.Status is { } status)
        {
            filter &= Filter.Eq(schedule => schedule.Status, status);
        }

        if (query.SourceTriggerId is { } trigger)
        {
            filter &= Filter.Eq(schedule => schedule.SourceTriggerId, trigger);
        }

        if (after is { CreatedAt: var time, Id: var id })
        {
            filter &= Filter.Lte(schedule => schedule.CreatedAt, time)
                & (Filter.Lt(schedule => schedule.CreatedAt, time) | Filter.Lt(schedule => schedule.Id, id));
        }

        var schedules = await _schedules
            .Find(filter)
            .Sort(Builders<Schedule>.Sort.Descending(schedule => schedule.CreatedAt).Descending(schedule => schedule.Id))
            .Limit(limit + 1)
            .ToListAsync(cancellationToken);
        return SchedulePage.From(schedules, limit);
    }

    public async Task<IReadOnlyList<string>> ListActiveRuns(Schedule schedule, int limit, CancellationToken cancellationToken) =>
        await _runs
            .Find(IsOfSchedule(schedule.Tenant, [schedule.Id.ToString()], ActiveStatuses))
            .Sort(Builders<Run>.Sort.Ascending(run => run.CreatedAt).Ascending(run => run.Id))
            .Limit(limit)
            .Project(run => run.RunId)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlySet<Guid>> FindWithActiveRuns(IReadOnlyCollection<Schedule> schedules, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(schedules
            .GroupBy(schedule => schedule.Tenant, schedule => schedule.Id.ToString())
            .Select(ids => FindWithActiveRuns(ids.Key, ids, cancellationToken)));
        return found.SelectMany(ids => ids).Select(Guid.Parse!).ToHashSet();
    }

    public async Task<IReadOnlyList<EndedScheduleRun>> ListEndedRuns(
        Schedule schedule, int limit, CancellationToken cancellationToken)
    {
        var runs = await _runs
            .Find(IsOfSchedule(schedule.Tenant, [schedule.Id.ToString()], EndedStatuses))
            .Sort(Builders<Run>.Sort.Descending(run => run.CreatedAt).Descending(run => run.Id))
            .Limit(limit)
            .Project<Run>(Builders<Run>.Projection
                .Include(run => run.Tenant)
                .Include(run => run.RunId)
                .Include(run => run.Status)
                .Include(run => run.CreatedAt)
                .Include(run => run.CompletedAt)
                .Include(run => run.Error))
            .ToListAsync(cancellationToken);
        return runs.ConvertAll(run => new EndedScheduleRun(run.RunId, run.Status, run.CreatedAt, run.CompletedAt, run.Error));
    }

    private static FilterDefinition<Schedule> HasVersion(Guid id, long version) =>
        Filter.Eq(schedule => schedule.Id, id) & Filter.Eq(schedule => schedule.Version, version);

    private async Task<List<string?>> FindWithActiveRuns(string tenant, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var filter = IsOfSchedule(tenant, ids, ActiveStatuses);
        using var found = await _runs.DistinctAsync(run => run.ScheduleId, filter, null, cancellationToken);
        return await found.ToListAsync(cancellationToken);
    }

    private static FilterDefinition<Run> IsOfSchedule(string tenant, IEnumerable<string> scheduleIds, string[] statuses)
    {
        var filter = Builders<Run>.Filter;
        return filter.Eq(run => run.Tenant, tenant)
            & filter.Exists(run => run.ScheduleId) // see MongoRunLists
            & filter.In(run => run.ScheduleId, scheduleIds)
            & filter.In(run => run.Status, statuses);
    }
}
