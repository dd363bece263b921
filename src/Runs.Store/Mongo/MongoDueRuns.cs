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
        var isDue = builder.Exists(run => run.DueAt) & builder.Lte(run => run.DueAt, now); // exists: see MongoRunLists
        if (excludedTenants.Count > 0)
        {
            isDue &= builder.Nin(run => run.Tenant, excludedTenants);
        }

        if (after is not { DueAt: var time, Id: var id })
        {
            return await Find(isDue, limit, cancellationToken);
        }

        // Two ranges of the index. With one condition for both, the scan would begin at the first run that is due at
        // the same time, and a million may be.
        var sameTime = await Find(
            isDue & builder.Eq(run => run.DueAt, time) & builder.Gt(run => run.Id, id), limit, cancellationToken);
        return sameTime.Count == limit
            ? sameTime
            : [.. sameTime, .. await Find(isDue & builder.Gt(run => run.DueAt, time), limit - sameTime.Count, cancellationToken)];
    }

    private async Task<List<DueRun>> Find(FilterDefinition<Run> filter, int limit, CancellationToken cancellationToken)
    {
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
