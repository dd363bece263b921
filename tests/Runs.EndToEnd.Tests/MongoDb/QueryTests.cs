using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.EndToEnd.Tests.MongoDb;

public sealed class QueryTests(ContainerFixture containers) : MongoEngineTests(containers)
{
    private static readonly FilterDefinition<BsonDocument> All = Builders<BsonDocument>.Filter.Empty;

    [Fact]
    public async Task A_sorted_find_pages_through_many_documents_in_order()
    {
        await Runs.InsertManyAsync(Enumerable.Range(0, 5000).Select(id => Run(id).Set("order", (id * 7919) % 5000)));

        var found = await Runs.Find(All, new FindOptions { BatchSize = 100 }).Sort("{ order: -1 }").ToListAsync();

        Assert.Equal(Enumerable.Range(0, 5000).Reverse(), found.Select(run => run["order"].AsInt32));
    }

    [Fact]
    public async Task Partially_read_cursors_do_not_block_others()
    {
        await Runs.InsertManyAsync(Enumerable.Range(0, 1000).Select(Run));

        var cursors = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Runs.FindAsync(All, new FindOptions<BsonDocument> { BatchSize = 10 })));
        foreach (var cursor in cursors)
        {
            Assert.True(await cursor.MoveNextAsync());
            cursor.Dispose();
        }

        Assert.Equal(1000, (await Runs.Find(All).ToListAsync()).Count);
    }

    [Fact]
    public async Task Filter_projection_skip_and_limit_are_applied()
    {
        await Runs.InsertManyAsync(Enumerable.Range(0, 100).Select(id => Run(id, id % 2 == 0 ? "pending" : "failed")));

        var found = await Runs.Find("{ status: 'failed', _id: { $gte: 10 } }")
            .Project("{ _id: 1 }")
            .Sort("{ _id: 1 }")
            .Skip(2)
            .Limit(3)
            .ToListAsync();

        Assert.Equal([new("_id", 15), new("_id", 17), new("_id", 19)], found);
    }

    [Fact]
    public async Task A_find_in_an_absent_collection_is_empty()
    {
        Assert.Empty(await Runs.Find(All).ToListAsync());
        Assert.Equal(0, await Runs.CountDocumentsAsync(All));
    }

    [Fact]
    public async Task An_aggregate_groups_and_sorts()
    {
        await Runs.InsertManyAsync(Enumerable.Range(0, 9).Select(id => Run(id, id % 3 == 0 ? "failed" : "pending")));

        var counts = await Runs.Aggregate()
            .Match("{ _id: { $gte: 0 } }")
            .Group<BsonDocument>("{ _id: '$status', count: { $sum: 1 } }")
            .Sort("{ count: -1 }")
            .ToListAsync();

        Assert.Equal([("pending", 6), ("failed", 3)], counts.Select(count => (count["_id"].AsString, count["count"].ToInt32())));
    }

    [Fact]
    public async Task Counts_and_distinct_values_are_returned()
    {
        await Runs.InsertManyAsync(Enumerable.Range(0, 9).Select(id => Run(id, id % 3 == 0 ? "failed" : "pending")));

        Assert.Equal(3, await Runs.CountDocumentsAsync("{ status: 'failed' }"));
        Assert.Equal(9, await Runs.EstimatedDocumentCountAsync());
        Assert.Equal(["failed", "pending"], (await (await Runs.DistinctAsync<string>("status", All)).ToListAsync()).Order());
    }

    [Fact]
    public async Task An_invalid_filter_is_rejected_and_the_connection_stays_usable()
    {
        await Runs.InsertOneAsync(Run(1));

        await Assert.ThrowsAsync<MongoCommandException>(() => Runs.Find("{ $wrong: 1 }").ToListAsync());

        Assert.Single(await Runs.Find(All).ToListAsync());
    }
}
