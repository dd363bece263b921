using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.EndToEnd.Tests.MongoDb;

public sealed class TransactionTests(ContainerFixture containers) : MongoEngineTests(containers)
{
    [Fact]
    public async Task Committed_writes_become_visible_together()
    {
        await Runs.InsertOneAsync(Run(1));
        using var session = await Client.StartSessionAsync();

        session.StartTransaction();
        await Runs.InsertOneAsync(session, Run(2));
        await Runs.UpdateOneAsync(session, ById(1), "{ $set: { status: 'running' } }");
        Assert.Equal(2, await Runs.CountDocumentsAsync(session, Builders<BsonDocument>.Filter.Empty));
        Assert.Equal([Run(1)], await Runs.Find(Builders<BsonDocument>.Filter.Empty).ToListAsync());
        await session.CommitTransactionAsync();

        Assert.Equal([Run(1, "running"), Run(2)], await Runs.Find(Builders<BsonDocument>.Filter.Empty).Sort("{ _id: 1 }").ToListAsync());
    }

    [Fact]
    public async Task Aborted_writes_are_not_visible()
    {
        await Runs.InsertOneAsync(Run(1));
        using var session = await Client.StartSessionAsync();

        session.StartTransaction();
        await Runs.InsertOneAsync(session, Run(2));
        await Runs.DeleteOneAsync(session, ById(1));
        await session.AbortTransactionAsync();

        Assert.Equal([Run(1)], await Runs.Find(Builders<BsonDocument>.Filter.Empty).ToListAsync());
    }

    [Fact]
    public async Task An_error_aborts_the_transaction_and_the_session_can_start_another()
    {
        await Runs.InsertOneAsync(Run(1));
        using var session = await Client.StartSessionAsync();

        session.StartTransaction();
        await Runs.InsertOneAsync(session, Run(2));
        await Assert.ThrowsAsync<MongoWriteException>(() => Runs.InsertOneAsync(session, Run(1)));
        await session.AbortTransactionAsync();
        session.StartTransaction();
        await Runs.InsertOneAsync(session, Run(3));
        await session.CommitTransactionAsync();

        Assert.Equal([Run(1), Run(3)], await Runs.Find(Builders<BsonDocument>.Filter.Empty).Sort("{ _id: 1 }").ToListAsync());
    }

    [Fact]
    public async Task Concurrent_transactions_on_one_document_all_commit_after_retries()
    {
        await Runs.InsertOneAsync(Run(1));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var session = await Client.StartSessionAsync();
            // The driver retries after a write conflict.
            await session.WithTransactionAsync(async (inside, token) =>
            {
                var run = await Runs.Find(inside, ById(1)).SingleAsync(token);
                var next = run.Set("version", run["version"].AsInt32 + 1);
                return await Runs.ReplaceOneAsync(inside, ById(1), next, cancellationToken: token);
            });
        }));

        Assert.Equal(9, (await Runs.Find(ById(1)).SingleAsync())["version"].AsInt32);
    }

    [Fact]
    public async Task A_transaction_reads_all_batches_of_a_cursor()
    {
        await Runs.InsertManyAsync(Enumerable.Range(0, 1000).Select(Run));
        using var session = await Client.StartSessionAsync();

        session.StartTransaction();
        var found = await Runs.Find(session, Builders<BsonDocument>.Filter.Empty, new FindOptions { BatchSize = 50 })
            .Sort("{ _id: 1 }")
            .ToListAsync();
        await session.CommitTransactionAsync();

        Assert.Equal(Enumerable.Range(0, 1000), found.Select(run => run["_id"].AsInt32));
    }
}
