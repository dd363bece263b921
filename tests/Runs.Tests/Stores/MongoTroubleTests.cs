using System.Net;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Connections;
using MongoDB.Driver.Core.Servers;
using Runs.Store;
using Runs.Store.Mongo;

namespace Runs.Tests.Stores;

/// <summary>What the driver throws when a database goes away or changes its primary, which only a real replica set would show.</summary>
public sealed class MongoTroubleTests
{
    private static readonly ConnectionId Connection = new(new ServerId(new ClusterId(1), new DnsEndPoint("localhost", 27017)));
    private static readonly BsonDocument Command = new("insert", "runs");

    private readonly MongoTrouble _trouble = new(new StoreAvailability());

    public static TheoryData<Exception> Passing => new()
    {
        new TimeoutException("No server was found."),
        new MongoConnectionException(Connection, "The connection was closed."),
        new MongoConnectionPoolPausedException("Paused."),
        new MongoWaitQueueFullException("Full."),
        new MongoNotPrimaryException(Connection, Command, Answer(10107)),
        new MongoNodeIsRecoveringException(Connection, Command, Answer(11600)),
        new MongoExecutionTimeoutException(Connection, "Too slow."),
        new MongoCursorNotFoundException(Connection, 1, Command),
        new MongoWriteConcernException(Connection, "No majority in time.", new WriteConcernResult(new BsonDocument())),
        new MongoCommandException(Connection, "Stepped down.", Command, Answer(189)),
        new MongoCommandException(Connection, "Disk full.", Command, Answer(14031)),
        Labelled("RetryableWriteError"),
        Labelled("TransientTransactionError"),
    };

    public static TheoryData<Exception> Lasting => new()
    {
        new MongoCommandException(Connection, "Not authorized.", Command, Answer(13)),
        new MongoDuplicateKeyException(Connection, "Duplicate.", new WriteConcernResult(new BsonDocument())),
        new BsonSerializationException("Too large."),
        new InvalidOperationException("A mistake."),
        new OperationCanceledException(),
    };

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task Trouble_that_passes_is_the_stores(Exception trouble)
    {
        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => _trouble.Told(Task.FromException(trouble)));

        Assert.Same(trouble, told.InnerException);
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task Other_trouble_stays_what_it_is(Exception trouble)
    {
        Assert.Same(trouble, await Assert.ThrowsAnyAsync<Exception>(() => _trouble.Told(Task.FromException<int>(trouble))));
    }

    private static MongoCommandException Labelled(string label)
    {
        var exception = new MongoCommandException(Connection, "Try again.", Command, Answer(1));
        exception.AddErrorLabel(label);
        return exception;
    }

    private static BsonDocument Answer(int code) => new() { { "ok", 0 }, { "code", code } };
}
