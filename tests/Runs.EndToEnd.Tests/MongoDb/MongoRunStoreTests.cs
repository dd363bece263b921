using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.EndToEnd.Tests;

/// <summary>The store tests on MongoDB. Each test has a new database.</summary>
[Collection(nameof(SteadyContainers))]
public sealed class MongoRunStoreTests(ContainerFixture containers) : RunStoreTests
{
    // Nothing listens on port 1.
    private const string UnreachableConnectionString = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200";

    private readonly IMongoDatabase _database = Connect(containers.NewDatabase());

    protected override IApiKeyStore ApiKeyStore =>
        new ExceptionTranslatingApiKeyStore(new MongoApiKeyStore(_database), CreateTranslator(_database));

    protected override IWorkerStore WorkerStore =>
        new ExceptionTranslatingWorkerStore(new MongoWorkerStore(_database), CreateTranslator(_database));

    // No archiver runs here, so that the queue must not delay appends.
    protected override IRunStore Open() => Open(_database, new ArchiveQueue(TimeProvider.System, maxBytes: 1 << 30));

    protected override async Task Close()
    {
        await _database.Client.DropDatabaseAsync(_database.DatabaseNamespace.DatabaseName);
        _database.Client.Dispose();
    }

    // As two processes may: groups with different ends.
    protected override async Task ArchiveEvents(Run run)
    {
        var archive = new MongoEventArchive(MongoCollections.GetRuns(_database), MongoCollections.GetEventChunks(_database));
        foreach (var entry in await archive.ReadRunsWithEvents([run.Id], long.MaxValue, default))
        {
            var count = (entry.Events.Count + 1) / 2;
            await archive.Archive([entry with { Events = [.. entry.Events.Take(count)] }], default);
        }
    }

    protected override IRunStore OpenUnreachable() => Open(Connect(UnreachableConnectionString), archiveQueue: null);

    [Fact]
    public async Task A_run_document_has_the_names_and_order_of_the_API_and_times_as_dates()
    {
        var run = TestRuns.CreateFull();
        await Store.TryInsert(run, default);

        var document = await Documents.Find(new BsonDocument()).SingleAsync();

        var names = typeof(Run).GetProperties().Select(member => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name)).Skip(1);
        Assert.Equal(["_id", .. names], document.Names);
        Assert.Equal(run.Id, document["_id"].AsGuid);
        Assert.Equal(new BsonDateTime(run.CreatedAt.UtcDateTime), document["created_at"]);
        Assert.Equal(new BsonDocument { { "kind", "project" }, { "id", "some-project" } }, document["owner"]);
        Assert.Equal(["message", "code", "detail"], document["error"].AsBsonDocument.Names);
        Assert.Equal(["message_id", "type", "body"], document["outbox"][0].AsBsonDocument.Names);
    }

    [Fact]
    public async Task Null_and_empty_members_are_omitted()
    {
        await Store.TryInsert(TestRuns.Create(), default);

        var document = await Documents.Find(new BsonDocument()).SingleAsync();

        Assert.Equal(
            [
                "_id", "tenant", "run_id", "kind", "status", "version", "owner", "root_run_id", "priority", "attempt",
                "failed_attempts", "lease_fenced", "created_at", "updated_at", "latest_event_id", "latest_external_event_sequence",
                "request", "request_bytes",
            ],
            document.Names);
    }

    [Fact]
    public async Task Members_of_a_later_release_are_ignored()
    {
        var run = TestRuns.CreateFull();
        await Store.TryInsert(run, default);

        var unknown = new BsonDocument { { "colour", "blue" }, { "owner.since", 1 }, { "error.cause", "rust" } };
        await Documents.UpdateOneAsync(new BsonDocument(), new BsonDocument("$set", unknown));

        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task Initialization_keeps_indexes_of_an_earlier_version()
    {
        await Documents.Indexes.DropAllAsync();
        CreateIndexModel<BsonDocument>[] earlier =
        [
            PartialIndex("due", "{ due_at: 1 }", "{ due_at: { $exists: true } }"),
            PartialIndex("outbox", "{ updated_at: 1 }", "{ 'outbox.message_id': { $exists: true } }"),
            PartialIndex("embedded_events", "{ latest_event_at: 1 }", "{ 'embedded_events.event_id': { $exists: true } }"),
        ];
        await Documents.Indexes.CreateManyAsync(earlier);

        await Store.Initialize(default);
        await Store.CreateListIndexes(default);

        var names = (await (await Documents.Indexes.ListAsync()).ToListAsync()).Select(index => index["name"].AsString);
        Assert.Equal(
            [
                "_id_", "claim", "claim_kind", "conversation_id", "descendants_of_root", "due", "due_in_order", "embedded_events",
                "embedded_events_by_tenant", "lease_owner", "outbox", "outbox_by_tenant", "parent_run_id", "project_id", "schedule_id",
                "trigger.conversation_id",
            ],
            names.Order(StringComparer.Ordinal));
    }

    private ExceptionTranslatingRunStore Open(IMongoDatabase database, ArchiveQueue? archiveQueue) => new(
        new MongoRunStore(database, Availability, TimeProvider.System, NullLogger<MongoRunStore>.Instance, archiveQueue),
        CreateTranslator(database));

    private MongoExceptionTranslator CreateTranslator(IMongoDatabase database) =>
        MongoExceptionTranslator.Create(database, Availability, TimeProvider.System, NullLogger.Instance);

    private IMongoCollection<BsonDocument> Documents => _database.GetCollection<BsonDocument>("runs");

    private static CreateIndexModel<BsonDocument> PartialIndex(string name, string keys, string filter) =>
        new(keys, new CreateIndexOptions<BsonDocument> { Name = name, PartialFilterExpression = filter });

    private static IMongoDatabase Connect(string connectionString)
    {
        var client = new MongoClient(MongoServiceCollectionExtensions.CreateSettings(connectionString));
        return MongoServiceCollectionExtensions.GetDatabase(client, connectionString);
    }
}
