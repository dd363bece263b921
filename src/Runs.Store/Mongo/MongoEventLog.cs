using System.Text;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// The event logs of all runs, archived in <c>run_events</c>. The write that changes a run also embeds the event in the
/// run's document; the event is archived afterwards. Reads merge the archived and the embedded events. So no
/// transaction is needed: an event and the change that it describes always become visible together.
/// </summary>
internal sealed class MongoEventLog(IMongoCollection<Run> runs, IMongoCollection<RunEventDocument> archivedEvents)
{
    /// <summary>The maximum size of a page, in characters.</summary>
    private const long MaxPageCharacters = 16 * 1024 * 1024;

    /// <summary>
    /// The number of embedded events from which a write of the run archives them itself. Usually
    /// <see cref="EventArchiver"/> has archived them earlier.
    /// </summary>
    private const int MaxEmbeddedEvents = 500;

    // A document of 16 MiB has room for this besides a request, a result and the events of one append.
    private const long MaxEmbeddedBytes = 512 * 1024;

    /// <summary>Creates the only index: the log of a run, for operators and for the service.</summary>
    public Task CreateIndex(CancellationToken cancellationToken) => RunIndexes.Create(
        archivedEvents.Indexes,
        [
            new CreateIndexModel<RunEventDocument>(
                Builders<RunEventDocument>.IndexKeys
                    .Ascending(runEvent => runEvent.Tenant).Ascending(runEvent => runEvent.RunId).Ascending(runEvent => runEvent.EventId),
                new CreateIndexOptions { Name = "log" }),
        ],
        cancellationToken);

    /// <summary>
    /// Returns the events of the run as of the time when it was read. Events that are no longer embedded in
    /// <paramref name="run"/> were archived before that read, and archived events are never deleted: no event is missed
    /// between the two.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> Read(Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken)
    {
        var embedded = run.EmbeddedEvents
            .Where(runEvent => runEvent.EventId > after && (visibility == EventVisibility.All || runEvent.Public))
            .ToList();
        var archived = after + 1 >= GetFirstEmbeddedEventId(run)
            ? []
            : await ReadArchived(run, after, limit, visibility, cancellationToken);
        return TakeUpToSizeLimit(
            archived.Concat(embedded).DistinctBy(runEvent => runEvent.EventId).OrderBy(runEvent => runEvent.EventId).Take(limit));
    }

    /// <summary>
    /// Archives the embedded events of runs and removes them from the runs. Idempotent, also across processes.
    /// </summary>
    public async Task Archive(IReadOnlyCollection<Run> runsWithEvents, CancellationToken cancellationToken)
    {
        // Sorted by id to avoid deadlocks: some databases hold the locks on written documents until the command ends.
        var ordered = runsWithEvents.OrderBy(run => run.Id).ToList();
        await InsertIgnoringDuplicates(
            ordered.SelectMany(run => run.EmbeddedEvents.Select(runEvent => RunEventDocument.Create(run, runEvent))), cancellationToken);
        var pulls = ordered.Select(run => new UpdateOneModel<Run>(
            Builders<Run>.Filter.Eq(stored => stored.Id, run.Id),
            Builders<Run>.Update.PullFilter(
                stored => stored.EmbeddedEvents,
                Builders<RunEvent>.Filter.In(runEvent => runEvent.EventId, run.EmbeddedEvents.Select(runEvent => runEvent.EventId)))));
        await runs.BulkWriteAsync(pulls, new BulkWriteOptions { IsOrdered = false }, cancellationToken);
    }

    /// <summary>
    /// Archives the embedded events when the document would exceed its size limit with the <paramref name="added"/>
    /// ones. Returns the events that a write of the run must keep embedded: all of <paramref name="embedded"/>, or none
    /// if they were archived.
    /// </summary>
    public async Task<List<RunEvent>> ArchiveIfLarge(Run run, IReadOnlyList<RunEvent> embedded, IReadOnlyList<RunEvent> added, CancellationToken cancellationToken)
    {
        if (embedded.Count == 0 || (embedded.Count < MaxEmbeddedEvents && GetByteCount(embedded) + GetByteCount(added) < MaxEmbeddedBytes))
        {
            return [.. embedded];
        }

        await InsertIgnoringDuplicates(embedded.Select(runEvent => RunEventDocument.Create(run, runEvent)), cancellationToken);
        return [];
    }

    private async Task InsertIgnoringDuplicates(IEnumerable<RunEventDocument> events, CancellationToken cancellationToken)
    {
        try
        {
            await archivedEvents.InsertManyAsync(events, new InsertManyOptions { IsOrdered = false }, cancellationToken);
        }
        catch (MongoBulkWriteException<RunEventDocument> exception)
            when (exception.WriteConcernError is null
                && exception.WriteErrors.All(error => error.Category == ServerErrorCategory.DuplicateKey))
        {
            // The events have already been archived and are identical.
        }
    }

    private async Task<List<RunEvent>> ReadArchived(Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken)
    {
        var builder = Builders<RunEventDocument>.Filter;
        var filter = builder.Eq(runEvent => runEvent.Tenant, run.Tenant) & builder.Eq(runEvent => runEvent.RunId, run.RunId)
            & builder.Gt(runEvent => runEvent.EventId, after) & builder.Lte(runEvent => runEvent.EventId, run.LatestEventId);
        if (visibility == EventVisibility.Public)
        {
            filter &= builder.Eq(runEvent => runEvent.Public, true);
        }

        var options = new FindOptions<RunEventDocument>
        {
            Sort = Builders<RunEventDocument>.Sort
                .Ascending(runEvent => runEvent.Tenant).Ascending(runEvent => runEvent.RunId).Ascending(runEvent => runEvent.EventId),
            Limit = limit,
            BatchSize = limit,
        };
        using var cursor = await archivedEvents.FindAsync(filter, options, cancellationToken);
        var events = new List<RunEvent>();
        var characters = 0L;
        while (characters <= MaxPageCharacters && await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var runEvent in cursor.Current)
            {
                characters += runEvent.Event.Text.Length;
                events.Add(runEvent.ToRunEvent());
            }
        }

        return events;
    }

    private static long GetByteCount(IReadOnlyList<RunEvent> events) =>
        events.Sum(runEvent => (long)Encoding.UTF8.GetByteCount(runEvent.Event.Text));

    // The run's document contains all events from this id on.
    private static long GetFirstEmbeddedEventId(Run run)
    {
        var first = run.LatestEventId + 1;
        for (var i = run.EmbeddedEvents.Count - 1; i >= 0 && run.EmbeddedEvents[i].EventId == first - 1; i--)
        {
            first--;
        }

        return first;
    }

    private static List<RunEvent> TakeUpToSizeLimit(IEnumerable<RunEvent> events)
    {
        var page = new List<RunEvent>();
        var characters = 0L;
        foreach (var runEvent in events)
        {
            characters += runEvent.Event.Text.Length;
            if (page.Count > 0 && characters > MaxPageCharacters)
            {
                break;
            }

            page.Add(runEvent);
        }

        return page;
    }
}
