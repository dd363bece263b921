using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>The children and descendants of runs, for the cancellation of trees.</summary>
internal sealed class MongoRunTrees(IMongoCollection<Run> runs)
{
    private static readonly SortDefinition<Run> ChildOrder = Builders<Run>.Sort
        .Ascending(run => run.ParentRunId)
        .Descending(run => run.CreatedAt)
        .Descending(run => run.Id);

    private static readonly SortDefinition<Run> TreeOrder = Builders<Run>.Sort
        .Ascending(run => run.CreatedAt)
        .Ascending(run => run.Id);

    private static readonly ProjectionDefinition<Run> Fields = Builders<Run>.Projection
        .Include(run => run.RunId)
        .Include(run => run.ParentRunId)
        .Include(run => run.Status)
        .Include(run => run.CreatedAt);

    /// <inheritdoc cref="IRunStore.ListChildren"/>
    public async Task<IReadOnlyList<ChildRun>> ListChildren(
        string tenant, IReadOnlyCollection<string> parentRunIds, ChildRun? after, int limit, CancellationToken cancellationToken)
    {
        var builder = Builders<Run>.Filter;
        var inTenant = builder.Eq(run => run.Tenant, tenant) & builder.Exists(run => run.ParentRunId); // exists: see MongoRunLists
        // The index has the order of one parent's children. Those of several parents may need a sort.
        var ofParents = parentRunIds.Count == 1
            ? builder.Eq(run => run.ParentRunId, parentRunIds.First())
            : builder.In(run => run.ParentRunId, parentRunIds);
        if (after is null)
        {
            return await Read(inTenant & ofParents, ChildOrder, limit, cancellationToken);
        }

        // Two queries: the rest of one parent's children, then the other parents. Each is a plain index range; one
        // combined condition would not be.
        var ofSameParent = builder.Eq(run => run.ParentRunId, after.ParentRunId)
            & builder.Lte(run => run.CreatedAt, after.CreatedAt)
            & (builder.Lt(run => run.CreatedAt, after.CreatedAt) | builder.Lt(run => run.Id, after.Id));
        var children = await Read(inTenant & ofSameParent, ChildOrder, limit, cancellationToken);
        if (children.Count < limit && parentRunIds.Count > 1)
        {
            var ofLaterParents = ofParents & builder.Gt(run => run.ParentRunId, after.ParentRunId);
            children.AddRange(await Read(inTenant & ofLaterParents, ChildOrder, limit - children.Count, cancellationToken));
        }

        return children;
    }

    /// <inheritdoc cref="IRunStore.ListDescendants"/>
    public async Task<IReadOnlyList<ChildRun>> ListDescendants(
        string tenant, string rootRunId, ChildRun? after, int limit, CancellationToken cancellationToken)
    {
        var builder = Builders<Run>.Filter;
        var filter = builder.Eq(run => run.Tenant, tenant)
            & builder.Eq(run => run.RootRunId, rootRunId)
            & builder.Exists(run => run.ParentRunId); // see MongoRunLists
        if (after is not null)
        {
            filter &= builder.Gte(run => run.CreatedAt, after.CreatedAt)
                & (builder.Gt(run => run.CreatedAt, after.CreatedAt) | builder.Gt(run => run.Id, after.Id));
        }

        return await Read(filter, TreeOrder, limit, cancellationToken);
    }

    private async Task<List<ChildRun>> Read(
        FilterDefinition<Run> filter, SortDefinition<Run> order, int limit, CancellationToken cancellationToken)
    {
        var documents = await runs
            .Find(filter, new FindOptions { BatchSize = limit + 1 })
            .Sort(order)
            .Limit(limit)
            .Project<BsonDocument>(Fields)
            .ToListAsync(cancellationToken);
        return documents.ConvertAll(document => new ChildRun(
            document["_id"].AsGuid,
            document["run_id"].AsString,
            document["parent_run_id"].AsString,
            document["status"].AsString,
            new DateTimeOffset(document["created_at"].ToUniversalTime())));
    }
}
