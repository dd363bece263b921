using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.EndToEnd.Tests.MongoDb;

public sealed class IndexAndCollectionTests(ContainerFixture containers) : MongoEngineTests(containers)
{
    [Fact]
    public async Task Indexes_are_created_once_and_listed()
    {
        CreateIndexModel<BsonDocument>[] indexes =
        [
            new("{ tenant: 1, created_at: -1 }", new CreateIndexOptions { Name = "by_tenant" }),
            new(
                "{ due_at: 1 }",
                new CreateIndexOptions<BsonDocument> { Name = "due", PartialFilterExpression = "{ due_at: { $exists: true } }" }),
            new("{ expires_at: 1 }", new CreateIndexOptions { Name = "retention", ExpireAfter = TimeSpan.Zero }),
            new("{ key: 1 }", new CreateIndexOptions { Name = "key", Unique = true }),
        ];

        await Runs.Indexes.CreateManyAsync(indexes);
        await Runs.Indexes.CreateManyAsync(indexes);

        var listed = await (await Runs.Indexes.ListAsync()).ToListAsync();
        Assert.Equal(
            ["_id_", "by_tenant", "due", "key", "retention"],
            listed.Select(index => index["name"].AsString).Order(StringComparer.Ordinal));
        Assert.Equal(0, listed.Single(index => index["name"] == "retention")["expireAfterSeconds"].ToInt32());
    }

    [Fact]
    public async Task Sixteen_concurrent_creations_of_the_same_indexes_succeed()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Runs.Indexes.CreateOneAsync(IndexByTenant())));

        Assert.Equal(2, (await (await Runs.Indexes.ListAsync()).ToListAsync()).Count);
    }

    [Fact]
    public async Task An_index_can_be_dropped()
    {
        await Runs.Indexes.CreateOneAsync(IndexByTenant());

        await Runs.Indexes.DropOneAsync("by_tenant");

        Assert.Single(await (await Runs.Indexes.ListAsync()).ToListAsync());
    }

    [Fact]
    public async Task Collections_are_created_listed_and_dropped()
    {
        await Database.CreateCollectionAsync("run_events");
        await Runs.InsertOneAsync(Run(1));
        Assert.Equal(["run_events", "runs"], (await (await Database.ListCollectionNamesAsync()).ToListAsync()).Order());

        await Database.DropCollectionAsync("run_events");
        await Database.DropCollectionAsync("never_there");
        Assert.Equal(["runs"], await (await Database.ListCollectionNamesAsync()).ToListAsync());

        await Client.DropDatabaseAsync(Database.DatabaseNamespace.DatabaseName);
        Assert.Empty(await (await Database.ListCollectionNamesAsync()).ToListAsync());
    }

    private static CreateIndexModel<BsonDocument> IndexByTenant() =>
        new("{ tenant: 1 }", new CreateIndexOptions { Name = "by_tenant" });
}
