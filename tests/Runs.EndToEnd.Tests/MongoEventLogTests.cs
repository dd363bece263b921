using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Contracts;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.EndToEnd.Tests;

/// <summary>How events get from their run's document to where the log is, and that no reader notices.</summary>
[Collection(nameof(Containers))]
public sealed class MongoEventLogTests : IAsyncLifetime, IDisposable
{
    private readonly IMongoDatabase _database;
    private readonly MongoRunStore _store;

    public MongoEventLogTests(Containers containers)
    {
        var connectionString = containers.NewDatabase();
        _database = MongoRegistration.Database(new MongoClient(MongoRegistration.Settings(connectionString)), connectionString);
        _store = new MongoRunStore(_database, new StoreAvailability(), TimeProvider.System, NullLogger<MongoRunStore>.Instance);
    }

    public Task InitializeAsync() => _store.Prepare(default);

    public void Dispose() => _store.Dispose();

    public async Task DisposeAsync()
    {
        await _database.Client.DropDatabaseAsync(_database.DatabaseNamespace.DatabaseName);
        _database.Client.Dispose();
    }

    [Fact]
    public async Task Moved_events_are_gone_from_the_run_and_the_log_is_the_same()
    {
        var run = await Inserted(events: 5);
        var before = await Log(run);

        await _store.Move([run], default);
        await _store.Move([run], default); // a second process does the same

        var moved = (await _store.Find(run.Id, default))!;
        Assert.Empty(moved.RecentEvents);
        Assert.Equal(RunStamp.Of(run), RunStamp.Of(moved));
        Assert.Equal(before, await Log(moved));
        Assert.Equal(5, await Documents.CountDocumentsAsync(new BsonDocument("run_id", run.RunId)));
    }

    [Fact]
    public async Task A_reader_that_read_the_run_before_the_move_misses_nothing()
    {
        var run = await Inserted(events: 5);

        await _store.Move([run], default);

        Assert.Equal(5, (await _store.Events(run, 0, 10, EventScope.All, default)).Count);
    }

    [Fact]
    public async Task Events_that_a_replace_brought_back_are_not_read_twice_and_are_moved_again()
    {
        var run = await Inserted(events: 3);
        await _store.Move([run], default);
        var replaced = run.Next(next => next.Name = "a change that was decided before the move");

        Assert.True(await _store.TryReplace(replaced, RunStamp.Of(run), default));
        await _store.TryAppend(replaced, [StoredRun.Event(4)], default);

        Assert.Equal([1, 2, 3, 4], (await Log(run)).Select(logged => logged.EventId));
        await _store.Move([(await _store.Find(run.Id, default))!], default);
        Assert.Equal([1, 2, 3, 4], (await Log(run)).Select(logged => logged.EventId));
    }

    [Fact]
    public async Task Events_appended_during_a_move_stay_until_the_next_one()
    {
        var run = await Inserted(events: 2);
        await _store.TryAppend(run, [StoredRun.Event(3)], default);

        await _store.Move([run], default);

        var left = (await _store.Find(run.Id, default))!;
        Assert.Equal([StoredRun.Event(3)], left.RecentEvents);
        Assert.Equal([1, 2, 3], (await Log(run)).Select(logged => logged.EventId));
    }

    [Fact]
    public async Task A_run_does_not_grow_when_nobody_moves_its_events()
    {
        var run = await Inserted(events: 1);
        for (var batch = 0; batch < 12; batch++)
        {
            run = (await _store.Find(run.Id, default))!;
            Assert.True(await _store.TryAppend(run, [.. Enumerable.Range(1, 100).Select(i => StoredRun.Event(run.LatestEventId + i))], default));
        }

        run = (await _store.Find(run.Id, default))!;
        Assert.InRange(run.RecentEvents.Count, 1, 600);
        Assert.True(await _store.TryReplace(run.Next(next => next.Name = "changed"), RunStamp.Of(run), default));

        Assert.Equal(Enumerable.Range(1, 1201), (await Log(run)).Select(logged => (int)logged.EventId));
    }

    [Fact]
    public async Task The_mover_moves_what_was_just_written_and_what_a_crash_left_behind()
    {
        var left = await Inserted(events: 3, at: TimeProvider.System.GetUtcNow().AddHours(1)); // by a clock that was an hour ahead
        var next = new MongoRunStore(_database, new StoreAvailability(), TimeProvider.System, NullLogger<MongoRunStore>.Instance); // a process that knows nothing of the one before
        using var mover = new EventMover(next, TimeProvider.System, NullLogger<EventMover>.Instance);
        await mover.StartAsync(default);

        var run = StoredRun.New();
        await next.TryInsert(run, default);
        await next.TryAppend(run, [StoredRun.Event(1), StoredRun.Event(2)], default);

        await Eventually.Holds(async () => await Documents.CountDocumentsAsync(new BsonDocument()) == 5);
        await Eventually.Succeeds(async () => Assert.Empty((await next.Find(left.Id, default))!.RecentEvents));
        await Eventually.Succeeds(async () => Assert.Empty((await next.Find(run.Id, default))!.RecentEvents));
        await mover.StopAsync(default);
    }

    [Fact]
    public async Task A_person_sees_an_event_by_the_names_of_the_api()
    {
        await _store.Move([await Inserted(events: 1)], default);

        var document = await Documents.Find(new BsonDocument()).SingleAsync();

        Assert.Equal(["_id", "tenant", "run_id", "event_id", "event_type", "public", "external_sequence", "created_at", "event"], document.Names);
        Assert.Equal(BsonType.DateTime, document["created_at"].BsonType);
    }

    private IMongoCollection<BsonDocument> Documents => _database.GetCollection<BsonDocument>("run_events");

    private async Task<Run> Inserted(int events, DateTimeOffset? at = null)
    {
        var run = StoredRun.New();
        run.RecentEvents = [.. Enumerable.Range(1, events).Select(id => StoredRun.Event(id))];
        (run.LatestEventId, run.LatestExternalEventSequence, run.LatestEventAt) = (events, events, UtcMilliseconds.Truncate(at ?? StoredRun.Noon));
        Assert.True(await _store.TryInsert(run, default));
        return run;
    }

    private async Task<List<RunEvent>> Log(Run run)
    {
        run = (await _store.Find(run.Id, default))!;
        var log = new List<RunEvent>();
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await _store.Events(run, log.Count, 250, EventScope.All, default);
            log.AddRange(page);
        }
        while (page.Count > 0);

        return log;
    }
}
