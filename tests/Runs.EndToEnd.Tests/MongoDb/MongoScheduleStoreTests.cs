using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.EndToEnd.Tests;

/// <summary>The tests of the store of schedules on MongoDB. Each test has a new database.</summary>
[Collection(nameof(SteadyContainers))]
public sealed class MongoScheduleStoreTests(ContainerFixture containers) : ScheduleStoreTests
{
    private readonly string _connectionString = containers.NewDatabase();
    private MongoClient _client = null!;
    private MongoRunStore _runs = null!;

    private IMongoDatabase Database => MongoServiceCollectionExtensions.GetDatabase(_client, _connectionString);

    protected override (IScheduleStore Schedules, IRunStore Runs) Open()
    {
        _client = new MongoClient(MongoServiceCollectionExtensions.CreateSettings(_connectionString));
        _runs = new MongoRunStore(Database, new StoreAvailability(), TimeProvider.System, NullLogger<MongoRunStore>.Instance);
        return (new MongoScheduleStore(Database), _runs);
    }

    protected override async Task Close()
    {
        await _client.DropDatabaseAsync(Database.DatabaseNamespace.DatabaseName);
        _runs.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task A_schedule_document_has_the_names_of_the_API_and_times_as_dates()
    {
        var schedule = TestSchedules.CreateFull();
        await Store.TryInsert(schedule, default);

        var document = await Database.GetCollection<BsonDocument>("schedules").Find(new BsonDocument()).SingleAsync();

        Assert.Equal(schedule.Id, document["_id"].AsGuid);
        Assert.Equal("0 12 * * *", document["schedule"].AsString);
        Assert.Equal(new BsonDateTime(schedule.DueAt!.Value.UtcDateTime), document["due_at"]);
        Assert.Equal(["at", "decision", "decided_at", "replaced_run_ids"], document["firing"].AsBsonDocument.Names);
    }
}
