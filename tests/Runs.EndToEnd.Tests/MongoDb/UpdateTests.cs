using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.EndToEnd.Tests.MongoDb;

public sealed class UpdateTests(ContainerFixture containers) : MongoEngineTests(containers)
{
    private static FilterDefinition<BsonDocument> ByVersion(int id, int version) =>
        new BsonDocument { { "_id", id }, { "version", version } };

    [Fact]
    public async Task A_replace_of_the_version_that_was_read_matches_once()
    {
        await Runs.InsertOneAsync(Run(1));
        var next = Run(1, "running").Set("version", 2);

        var first = await Runs.ReplaceOneAsync(ByVersion(1, 1), next);
        var stale = await Runs.ReplaceOneAsync(ByVersion(1, 1), Run(1, "cancelled").Set("version", 2));

        Assert.Equal((1, 0), (first.MatchedCount, stale.MatchedCount));
        Assert.Equal(next, await Runs.Find(ById(1)).SingleAsync());
    }

    [Fact]
    public async Task Sixteen_replaces_of_one_version_have_one_winner()
    {
        await Runs.InsertOneAsync(Run(1));

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer =>
            Runs.ReplaceOneAsync(ByVersion(1, 1), Run(1, $"writer-{writer}").Set("version", 2))));

        Assert.Equal(1, results.Sum(result => result.MatchedCount));
    }

    [Fact]
    public async Task Array_items_are_pulled_from_many_documents_in_one_bulk_write()
    {
        await Runs.InsertManyAsync(Enumerable.Range(1, 20).Select(id =>
            Run(id).Set("outbox", new BsonArray { new BsonDocument("id", "a"), new BsonDocument("id", "b") })));

        var result = await Runs.BulkWriteAsync(
            Enumerable.Range(1, 20)
                .Select(id => new UpdateOneModel<BsonDocument>(ById(id), "{ $pull: { outbox: { id: { $in: ['a'] } } } }")),
            new BulkWriteOptions { IsOrdered = false });

        Assert.Equal((20, 20), (result.MatchedCount, result.ModifiedCount));
        Assert.All(await Runs.Find(Builders<BsonDocument>.Filter.Empty).ToListAsync(), run =>
            Assert.Equal(new BsonArray { new BsonDocument("id", "b") }, run["outbox"]));
    }

    [Fact]
    public async Task Concurrent_bulk_writes_in_opposite_order_succeed()
    {
        await Runs.InsertManyAsync(Enumerable.Range(1, 20).Select(Run));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Runs.BulkWriteAsync(
            (writer % 2 == 0 ? Enumerable.Range(1, 20) : Enumerable.Range(1, 20).Reverse())
                .Select(id => new UpdateOneModel<BsonDocument>(ById(id), "{ $inc: { version: 1 } }")),
            new BulkWriteOptions { IsOrdered = false })));

        Assert.All(await Runs.Find(Builders<BsonDocument>.Filter.Empty).ToListAsync(), run => Assert.Equal(9, run["version"].AsInt32));
    }

    [Fact]
    public async Task A_mixed_bulk_write_reports_the_indexes_of_its_failures()
    {
        await Runs.InsertManyAsync([Run(1), Run(2)]);

        var exception = await Assert.ThrowsAsync<MongoBulkWriteException<BsonDocument>>(() => Runs.BulkWriteAsync(
            [
                new UpdateOneModel<BsonDocument>(ById(1), "{ $set: { status: 'running' } }"),
                new InsertOneModel<BsonDocument>(Run(2)),
                new DeleteOneModel<BsonDocument>(ById(2)),
                new InsertOneModel<BsonDocument>(Run(1)),
                new InsertOneModel<BsonDocument>(Run(3)),
            ],
            new BulkWriteOptions { IsOrdered = false }));

        Assert.Equal([(1, 11000), (3, 11000)], exception.WriteErrors.Select(error => (error.Index, error.Code)).Order());
        Assert.Equal((1, 1, 1), (exception.Result.MatchedCount, exception.Result.DeletedCount, exception.Result.InsertedCount));
    }

    [Fact]
    public async Task An_upsert_without_a_match_inserts()
    {
        var options = new UpdateOptions { IsUpsert = true };

        var first = await Runs.UpdateOneAsync(ById(7), "{ $inc: { version: 1 } }", options);
        var second = await Runs.UpdateOneAsync(ById(7), "{ $inc: { version: 1 } }", options);

        Assert.Equal(7, first.UpsertedId.AsInt32);
        Assert.Equal((1, null), (second.MatchedCount, second.UpsertedId));
    }

    [Fact]
    public async Task A_pipeline_update_can_read_the_document()
    {
        await Runs.InsertOneAsync(Run(1));

        await Runs.UpdateOneAsync(ById(1), Builders<BsonDocument>.Update.Pipeline(new BsonDocument[]
        {
            new("$set", new BsonDocument("version", new BsonDocument("$add", new BsonArray { "$version", 41 }))),
        }));

        Assert.Equal(42, (await Runs.Find(ById(1)).SingleAsync())["version"].ToInt32());
    }

    [Fact]
    public async Task FindAndModify_returns_the_document_before_or_after()
    {
        await Runs.InsertOneAsync(Run(1));
        var after = new FindOneAndUpdateOptions<BsonDocument> { ReturnDocument = ReturnDocument.After };

        var changed = await Runs.FindOneAndUpdateAsync<BsonDocument>(
            ById(1), "{ $push: { events: { $each: [1, 2] } }, $inc: { version: 1 } }", after);
        var replaced = await Runs.FindOneAndReplaceAsync(ById(1), Run(1, "failed"));
        var missing = await Runs.FindOneAndUpdateAsync<BsonDocument>(ById(2), "{ $inc: { version: 1 } }", after);

        Assert.Equal(Run(1).Set("version", 2).Add("events", new BsonArray { 1, 2 }), changed);
        Assert.Equal(changed, replaced);
        Assert.Null(missing);
    }

    [Fact]
    public async Task An_invalid_operator_is_rejected()
    {
        await Runs.InsertOneAsync(Run(1));

        await Assert.ThrowsAsync<MongoWriteException>(() => Runs.UpdateOneAsync(ById(1), "{ $wrong: { version: 1 } }"));
    }

    [Fact]
    public async Task Deletes_return_the_deleted_count()
    {
        await Runs.InsertManyAsync(Enumerable.Range(1, 10).Select(Run));

        var one = await Runs.DeleteOneAsync(ById(1));
        var many = await Runs.DeleteManyAsync("{ _id: { $gt: 5 } }");

        Assert.Equal((1, 5), (one.DeletedCount, many.DeletedCount));
    }
}
