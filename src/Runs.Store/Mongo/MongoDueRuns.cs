using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>The runs whose due time has passed.</summary>
internal sealed class MongoDueRuns(IMongoCollection<Run> runs)
{
    private static readonly SortDefinition<Run> MostOverdueFirst =
        Builders<Run>.Sort.Ascending(run => run.DueAt).Ascending(run => run.Id);

    private static readonly ProjectionDefinition<Run> Fields =
        Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.DueAt);

    /// <inheritdoc cref="IRunStore.ListDue"/>
    public async Task<IReadOnlyList<DueRun>> List(
        DateTimeOffset now,
        DueRun? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken)
    {
        var builder = Builders<Run>.Filter;
        var filter = builder.Exists(run => run.DueAt) & builder.Lte(run => run.DueAt, now); // exists: see MongoRunLists
        if (after is { DueAt: var time, Id: var id })
        {
            filter &= builder.Gte(run => run.DueAt, time) & (builder.Gt(run => run.DueAt, time) | builder.Gt(run => run.Id, id));
        }

        if (excludedTenants.Count > 0)
        {
            filter &= builder.Nin(run => run.Tenant, excludedTenants);
        }

        var documents = await runs
            .Find(filter, new FindOptions { BatchSize = limit + 1 })
            .Sort(MostOverdueFirst)
            .Limit(limit)
            .Project<BsonDocument>(Fields)
            .ToListAsync(cancellationToken);
        return documents.ConvertAll(document => new DueRun(
            document["_id"].AsGuid,
            document["tenant"].AsString,
            document["run_id"].AsString,
            new DateTimeOffset(document["due_at"].ToUniversalTime())));
    }
}
