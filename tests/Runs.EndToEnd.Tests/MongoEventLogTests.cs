using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Contracts;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.EndToEnd.Tests;

/// <summary>Archiving moves events from the run document to the log collection, and readers see the same log.</summary>
[Collection(nameof(SteadyContainers))]
public sealed class MongoEventLogTests : IAsyncLifetime, IDisposable
{
    private readonly IMongoDatabase _database;
    private readonly MongoRunStore _store;

    public MongoEventLogTests(ContainerFixture containers)
    {
        var connectionString = containers.NewDatabase();
        var client = new MongoClient(MongoServiceCollectionExtensions.CreateSettings(connectionString));
        _database = MongoServiceCollectionExtensions.GetDatabase(client, connectionString);
        _store = new MongoRunStore(_database, new StoreAvailability(), TimeProvider.System, NullLogger<MongoRunStore>.Instance);
    }

    public Task InitializeAsync() => _store.Initialize(default);

    public void Dispose() => _store.Dispose();

    public async Task DisposeAsync()
    {
        await _database.Client.DropDatabaseAsync(_database.DatabaseNamespace.DatabaseName);
        _database.Client.Dispose();
    }

    [Fact]
    public async Task Archived_events_leave_the_run_document_and_the_log_is_unchanged()
    {
        var run = await Insert(events: 5);
        var before = await ReadLog(run);

        await _store.ArchiveEvents([run], default);
        await _store.ArchiveEvents([run], default); // a second process does the same

        var archived = (await _store.Find(run.Id, default))!;
        Assert.Empty(archived.EmbeddedEvents);
        Assert.Equal(RunVersion.From(run), RunVersion.From(archived));
        Assert.Equal(before, await ReadLog(archived));
        Assert.Equal(5, await Documents.CountDocumentsAsync(new BsonDocument("run_id", run.RunId)));
    }

    [Fact]
    public async Task A_reader_of_the_run_before_archiving_misses_no_event()
    {
        var run = await Insert(events: 5);

        await _store.ArchiveEvents([run], default);

        Assert.Equal(5, (await _store.ReadEvents(run, 0, 10, EventVisibility.All, default)).Count);
    }

    [Fact]
    public async Task Events_restored_by_a_replace_are_read_once_and_archived_again()
    {
        var run = await Insert(events: 3);
        await _store.ArchiveEvents([run], default);
        var replaced = run.NextVersion(next => next.Name = "a change that was decided before archiving");

        Assert.True(await _store.TryReplace(replaced, RunVersion.From(run), default));
        await _store.TryAppend(replaced, [TestRuns.CreateEvent(4)], default);

        Assert.Equal([1, 2, 3, 4], (await ReadLog(run)).Select(logged => logged.EventId));
        await _store.ArchiveEvents([(await _store.Find(run.Id, default))!], default);
        Assert.Equal([1, 2, 3, 4], (await ReadLog(run)).Select(logged => logged.EventId));
    }

    [Fact]
    public async Task Events_appended_during_archiving_stay_until_the_next_archiving()
    {
        var run = await Insert(events: 2);
        await _store.TryAppend(run, [TestRuns.CreateEvent(3)], default);

        await _store.ArchiveEvents([run], default);

        var left = (await _store.Find(run.Id, default))!;
        Assert.Equal([TestRuns.CreateEvent(3)], left.EmbeddedEvents);
        Assert.Equal([1, 2, 3], (await ReadLog(run)).Select(logged => logged.EventId));
    }

    [Fact]
    public async Task A_run_document_stays_limited_without_archiving()
    {
        var run = await Insert(events: 1);
        for (var batch = 0; batch < 12; batch++)
        {
            run = (await _store.Find(run.Id, default))!;
            var events = Enumerable.Range(1, 100).Select(i => TestRuns.CreateEvent(run.LatestEventId + i));
            Assert.True(await _store.TryAppend(run, [.. events], default));
        }

        run = (await _store.Find(run.Id, default))!;
        Assert.InRange(run.EmbeddedEvents.Count, 1, 600);
        Assert.True(await _store.TryReplace(run.NextVersion(next => next.Name = "changed"), RunVersion.From(run), default));

        Assert.Equal(Enumerable.Range(1, 1201), (await ReadLog(run)).Select(logged => (int)logged.EventId));
    }

    [Fact]
    public async Task The_archiver_archives_new_events_and_events_left_by_a_crash()
    {
        var left = await Insert(events: 3, at: TimeProvider.System.GetUtcNow().AddHours(1)); // the clock of its process was an hour ahead
        // As in a new process after the crash.
        var next = new MongoRunStore(_database, new StoreAvailability(), TimeProvider.System, NullLogger<MongoRunStore>.Instance);
        using var archiver = new EventArchiver(next, TimeProvider.System, NullLogger<EventArchiver>.Instance);
        await archiver.StartAsync(default);

        var run = TestRuns.Create();
        await next.TryInsert(run, default);
        await next.TryAppend(run, [TestRuns.CreateEvent(1), TestRuns.CreateEvent(2)], default);

        await Eventually.Holds(async () => await Documents.CountDocumentsAsync(new BsonDocument()) == 5);
        await Eventually.Succeeds(async () => Assert.Empty((await next.Find(left.Id, default))!.EmbeddedEvents));
        await Eventually.Succeeds(async () => Assert.Empty((await next.Find(run.Id, default))!.EmbeddedEvents));
        await archiver.StopAsync(default);
    }

    [Fact]
    public async Task An_event_document_has_the_names_of_the_API()
    {
        await _store.ArchiveEvents([await Insert(events: 1)], default);

        var document = await Documents.Find(new BsonDocument()).SingleAsync();

        Assert.Equal(
            ["_id", "tenant", "run_id", "event_id", "event_type", "public", "external_sequence", "created_at", "event"],
            document.Names);
        Assert.Equal(BsonType.DateTime, document["created_at"].BsonType);
    }

    private IMongoCollection<BsonDocument> Documents => _database.GetCollection<BsonDocument>("run_events");

    private async Task<Run> Insert(int events, DateTimeOffset? at = null)
    {
        var run = TestRuns.Create();
        run.EmbeddedEvents = [.. Enumerable.Range(1, events).Select(id => TestRuns.CreateEvent(id))];
        run.LatestEventId = events;
        run.LatestExternalEventSequence = events;
        run.LatestEventAt = UtcMillisecondsConverter.TruncateToMilliseconds(at ?? TestRuns.Noon);
        Assert.True(await _store.TryInsert(run, default));
        return run;
    }

    private async Task<List<RunEvent>> ReadLog(Run run)
    {
        run = (await _store.Find(run.Id, default))!;
        var log = new List<RunEvent>();
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await _store.ReadEvents(run, log.Count, 250, EventVisibility.All, default);
            log.AddRange(page);
        }
        while (page.Count > 0);

        return log;
    }
}
