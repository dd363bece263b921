using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
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

        await Archive(run);
        await Archive(run); // a second process does the same

        var archived = (await _store.Find(run.Id, default))!;
        Assert.Empty(archived.EmbeddedEvents);
        Assert.Equal(RunVersion.From(run), RunVersion.From(archived));
        Assert.Equal(before, await ReadLog(archived));
        Assert.Equal(5, (await Documents.Find(new BsonDocument("run_id", run.RunId)).SingleAsync())["events"].AsBsonArray.Count);
    }

    [Fact]
    public async Task A_reader_of_the_run_before_archiving_misses_no_event()
    {
        var run = await Insert(events: 5);

        await Archive(run);

        Assert.Equal(5, (await _store.ReadEvents(run, 0, 10, EventVisibility.All, default)).Count);
    }

    [Fact]
    public async Task Events_restored_by_a_replace_are_read_once_and_archived_again()
    {
        var run = await Insert(events: 3);
        await Archive(run);
        var replaced = run.NextVersion(next => next.Name = "a change that was decided before archiving");

        Assert.True(await _store.TryReplace(replaced, RunVersion.From(run), default));
        await Append(replaced, TestRuns.CreateEvent(4));

        Assert.Equal([1, 2, 3, 4], (await ReadLog(run)).Select(logged => logged.EventId));
        await Archive((await _store.Find(run.Id, default))!);
        Assert.Equal([1, 2, 3, 4], (await ReadLog(run)).Select(logged => logged.EventId));
    }

    [Fact]
    public async Task A_reader_of_public_events_does_not_read_large_hidden_ones()
    {
        var run = await Insert(events: 1);
        await Append(run, TestRuns.CreateLargeHiddenEvent(2), TestRuns.CreateEvent(3));
        await _store.EventArchive.ArchiveRun(run.Id, default);
        var changed = await Documents.UpdateOneAsync(
            new BsonDocument { { "run_id", run.RunId }, { "first_event_id", 2L } },
            new BsonDocument("$set", new BsonDocument("events", "not read")));
        Assert.Equal(1, changed.ModifiedCount);

        run = (await _store.Find(run.Id, default))!;
        var events = await _store.ReadEvents(run, 0, 10, EventVisibility.Public, default);

        Assert.Equal([1, 3], events.Select(item => item.EventId));
    }

    [Fact]
    public async Task Events_appended_during_archiving_stay_until_the_next_archiving()
    {
        var run = await Insert(events: 2);
        await Append(run, TestRuns.CreateEvent(3));

        await Archive(run);

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
            await Append(run, [.. events]);
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
        using var archiver = new EventArchiver(
            next,
            MongoExceptionTranslator.Create(_database, new StoreAvailability(), TimeProvider.System, NullLogger.Instance),
            TimeProvider.System,
            NullLogger<EventArchiver>.Instance);
        await archiver.StartAsync(default);

        var run = TestRuns.Create();
        await next.TryInsert(run, default);
        await next.TryAppend(RunHead.From(run), [TestRuns.CreateEvent(1), TestRuns.CreateEvent(2)], default);

        await Eventually.Holds(async () => await Documents.CountDocumentsAsync(new BsonDocument()) == 2);
        await Eventually.Succeeds(async () => Assert.Empty((await next.Find(left.Id, default))!.EmbeddedEvents));
        await Eventually.Succeeds(async () => Assert.Empty((await next.Find(run.Id, default))!.EmbeddedEvents));
        await archiver.StopAsync(default);
    }

    [Fact]
    public async Task A_chunk_has_the_names_of_the_API()
    {
        await Archive(await Insert(events: 2));

        var document = await Documents.Find(new BsonDocument()).SingleAsync();

        Assert.Equal(["_id", "tenant", "run_id", "first_event_id", "last_event_id", "has_public_events", "events"], document.Names);
        Assert.Equal((1, 2), (document["first_event_id"].ToInt64(), document["last_event_id"].ToInt64()));
        var logged = document["events"][1].AsBsonDocument;
        Assert.Equal(["event_id", "event_type", "public", "external_sequence", "created_at", "event"], logged.Names);
        Assert.Equal(BsonType.DateTime, logged["created_at"].BsonType);
    }

    [Theory]
    [InlineData("1-3", "1-6")] // the second process has seen more
    [InlineData("1-6", "1-3")]
    [InlineData("1-6", "3-5")] // events that another process has archived together with earlier ones
    [InlineData("3-5", "1-6")]
    [InlineData("1-2", "2-4", "3-6")]
    public async Task Processes_that_archive_different_groups_of_the_same_events_give_the_same_log(params string[] groups)
    {
        var run = await Insert(events: 6);

        foreach (var group in groups.Select(group => group.Split('-').Select(long.Parse).ToArray()))
        {
            var events = run.EmbeddedEvents.FindAll(logged => logged.EventId >= group[0] && logged.EventId <= group[1]);
            await _store.EventArchive.Archive([ArchiveEntry.From(run, events)], default);
        }

        Assert.Empty((await _store.Find(run.Id, default))!.EmbeddedEvents);
        Assert.Equal(run.EmbeddedEvents, await ReadLog(run));
        for (var limit = 1; limit <= 6; limit++)
        {
            var page = await _store.ReadEvents((await _store.Find(run.Id, default))!, 1, limit, EventVisibility.All, default);
            Assert.Equal(run.EmbeddedEvents.Skip(1).Take(limit), page);
        }
    }

    [Fact]
    public async Task Events_of_another_process_between_archived_ones_stay_and_are_read_in_order()
    {
        var run = await Insert(events: 6);
        var archived = run.EmbeddedEvents.FindAll(logged => logged.EventId is 1 or 2 or 5);
        await _store.EventArchive.Archive([ArchiveEntry.From(run, archived)], default);

        var left = (await _store.Find(run.Id, default))!;

        Assert.Equal([3, 4, 6], left.EmbeddedEvents.Select(logged => logged.EventId));
        Assert.Equal(run.EmbeddedEvents, await ReadLog(run));
    }

    [Fact]
    public async Task Events_archived_before_a_crash_that_prevented_their_removal_are_removed_by_the_next_archiving()
    {
        var run = await Insert(events: 3);
        await _store.EventArchive.Store(run, run.EmbeddedEvents, default);
        await Append(run, TestRuns.CreateEvent(4));
        Assert.Equal([1, 2, 3, 4], (await ReadLog(run)).Select(logged => logged.EventId));

        await _store.EventArchive.ArchiveRun(run.Id, default);

        Assert.Empty((await _store.Find(run.Id, default))!.EmbeddedEvents);
        Assert.Equal([1, 2, 3, 4], (await ReadLog(run)).Select(logged => logged.EventId));
    }

    private Task Archive(Run run) => _store.EventArchive.Archive([ArchiveEntry.From(run, run.EmbeddedEvents)], default);

    private async Task Append(Run run, params RunEvent[] events) =>
        Assert.NotNull(await _store.TryAppend(RunHead.From(run), events, default));

    private IMongoCollection<BsonDocument> Documents => _database.GetCollection<BsonDocument>("run_events");

    private async Task<Run> Insert(int events, DateTimeOffset? at = null)
    {
        var run = TestRuns.Create();
        run.EmbeddedEvents = [.. Enumerable.Range(1, events).Select(id => TestRuns.CreateEvent(id))];
        run.LatestEventId = events;
        run.LatestExternalEventSequence = events;
        run.LatestEventAt = (at ?? TestRuns.Noon).TruncateToMilliseconds();
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
