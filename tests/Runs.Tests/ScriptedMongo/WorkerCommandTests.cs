using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>The documents and commands of the store of workers.</summary>
public sealed class WorkerCommandTests : IAsyncLifetime
{
    private readonly ScriptedMongoServer _server = new();
    private readonly MongoClient _client;
    private readonly MongoWorkerStore _store;

    public WorkerCommandTests()
    {
        _client = new MongoClient(_server.GetConnectionString());
        _store = new MongoWorkerStore(_client.GetDatabase("runs"));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_worker_is_a_document_with_the_names_of_the_API_and_times_as_dates()
    {
        var worker = TestWorkers.CreateFull();

        Assert.True(await _store.TryInsert(worker, default));
        Assert.False(await _store.TryInsert(worker, default));

        var document = GetCommand("insert")["documents"][0].AsBsonDocument;
        Assert.Equal(
            [
                "_id", "tenant", "project_id", "implementation_kind", "implementation_display_name", "worker_key", "display_name",
                "targets", "max_concurrent_runs", "is_restricted_to_project", "metadata", "tokens",
                "created_at", "updated_at", "last_heartbeat_at", "version",
            ],
            document.Names);
        Assert.Equal(worker.Id, document["_id"].AsGuid);
        Assert.Equal(new BsonDateTime(worker.CreatedAt.UtcDateTime), document["created_at"]);
        Assert.Equal("""{ "a" : 1.0 }""", document["metadata"].AsString);
        Assert.Equal(["sha256", "created_at", "last_used_at", "expires_at"], document["tokens"][0].AsBsonDocument.Names);
        Assert.Equivalent(worker, await _store.Find(worker.Id, default), strict: true);
        Assert.Equivalent(worker, await _store.FindLinearizable(worker.Id, default), strict: true);
    }

    [Fact]
    public async Task A_replace_keeps_the_last_heartbeat_and_members_of_a_later_release()
    {
        var worker = TestWorkers.CreateFull() with { UnknownElements = new BsonDocument("later", 1) };
        await _store.TryInsert(worker, default);
        var revoked = worker with
        {
            DisplayName = null,
            Metadata = null,
            Tokens = [],
            Targets = [],
            RevokedAt = TestRuns.Noon,
            LastHeartbeatAt = null,
            Version = 2,
        };

        Assert.True(await _store.TryReplace(revoked, expectedVersion: 1, default));
        Assert.False(await _store.TryReplace(revoked, expectedVersion: 1, default));

        var update = GetCommand("update")["updates"][0].AsBsonDocument;
        Assert.Equal(["_id", "version"], update["q"].AsBsonDocument.Names);
        Assert.Equal(["display_name", "metadata", "targets", "tokens"], update["u"]["$unset"].AsBsonDocument.Names.Order());
        Assert.Empty(update["u"]["$set"].AsBsonDocument.Names.Intersect(["last_heartbeat_at", "later"]));
        var stored = await _store.Find(worker.Id, default);
        Assert.Equivalent(revoked with { LastHeartbeatAt = worker.LastHeartbeatAt }, stored, strict: true);
        Assert.Equal(worker.UnknownElements, stored!.UnknownElements);
    }

    [Fact]
    public async Task Heartbeats_of_many_workers_are_one_update()
    {
        var worker = TestWorkers.CreateFull();
        await _store.TryInsert(worker, default);
        var later = worker.LastHeartbeatAt!.Value.AddSeconds(1);

        await _store.RecordHeartbeats([worker.Id, .. Enumerable.Range(0, 999).Select(_ => Guid.CreateVersion7())], later, default);
        await _store.RecordHeartbeats([worker.Id], later.AddSeconds(-10), default);

        Assert.Equal(2, _server.CountCommands("update"));
        var update = GetCommand("update")["updates"].AsBsonArray;
        Assert.True(Assert.Single(update)["multi"].AsBoolean);
        Assert.Equal(later, (await _store.Find(worker.Id, default))!.LastHeartbeatAt);
    }

    [Fact]
    public async Task A_lookup_omits_large_members_and_a_list_reads_one_more_worker_than_its_page()
    {
        await _store.FindWithoutDetails([Guid.CreateVersion7()], default);
        await _store.List("dev", "project", new RunCursor(TestRuns.Noon, Guid.CreateVersion7()), 10, default);

        Assert.Equal(new BsonDocument { { "metadata", 0 }, { "targets", 0 } }, GetCommand("find")["projection"]);
        var list = _server.Commands.Last(command => command.GetElement(0).Name == "find");
        Assert.Equal((11, new BsonDocument { { "created_at", -1 }, { "_id", -1 } }), (list["limit"].ToInt32(), list["sort"]));
        Assert.Contains("revoked_at", list["filter"].ToString(), StringComparison.Ordinal);
    }

    private BsonDocument GetCommand(string name) => _server.Commands.First(command => command.GetElement(0).Name == name);
}
