using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>The outboxes of runs.</summary>
internal sealed class MongoOutboxes(IMongoCollection<Run> runs)
{
    // The number of runs in one query. The size of the result is checked after each query.
    private const int BatchSize = 16;

    /// <inheritdoc cref="IRunStore.ListWithOutbox"/>
    public async Task<IReadOnlyList<RunWithOutbox>> List(RunWithOutbox? after, int limit, CancellationToken cancellationToken)
    {
        var documents = await runs
            .Find(
                RunIndexes.After(after is null ? null : (after.Tenant, after.Id)) & RunIndexes.HasOutbox,
                new FindOptions { BatchSize = limit + 1 })
            .Sort(RunIndexes.SweepOrder)
            .Limit(limit)
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.Version))
            .ToListAsync(cancellationToken);
        return documents.ConvertAll(document => new RunWithOutbox(
            document["tenant"].AsString, document["_id"].AsGuid, document["version"].ToInt64()));
    }

    /// <inheritdoc cref="IRunStore.ReadOutboxes"/>
    public async Task<IReadOnlyList<Run>> Read(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var page = new PageBuilder<Run>();
        foreach (var batch in ids.Chunk(BatchSize).TakeWhile(_ => !page.IsFull))
        {
            var found = await runs
                .Find(MongoFilters.ByIds(batch) & RunIndexes.HasOutbox)
                .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.Outbox))
                .ToListAsync(cancellationToken);
            found.ForEach(run => page.Add(run, RunSize.CountOutboxCharacters(run)));
        }

        return page.Items;
    }

    /// <inheritdoc cref="IRunStore.ClearOutbox"/>
    public async Task Clear(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken)
    {
        if (dispatched.Count == 0)
        {
            return;
        }

        // One statement for all runs, because an id identifies one message of one run.
        var messages = dispatched.SelectMany(run => run.MessageIds).ToList();
        await runs.UpdateManyAsync(
            MongoFilters.ByIds(dispatched.Select(run => run.RunId)),
            Builders<Run>.Update.PullFilter(
                run => run.Outbox, Builders<OutboxMessage>.Filter.In(message => message.MessageId, messages)),
            options: null,
            cancellationToken);
    }
}
