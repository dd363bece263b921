using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Reads the event logs of runs. The write that changes a run also embeds the event in the run's document; the event is
/// archived afterwards, see <see cref="MongoEventArchive"/>. Reads merge the archived and the embedded events. So no
/// transaction is needed: an event and the change that it describes always become visible together.
/// </summary>
internal sealed class MongoEventLog(IMongoCollection<EventChunkDocument> chunks)
{
    // Each further range is larger, because a range that did not fill the page has many hidden events.
    private const int RangeGrowth = 4;

    private static readonly SortDefinition<EventChunkDocument> Order = Builders<EventChunkDocument>.Sort
        .Ascending(chunk => chunk.Tenant)
        .Ascending(chunk => chunk.RunId)
        .Ascending(chunk => chunk.FirstEventId);

    /// <summary>
    /// Returns the events of the run as of the time when it was read. Events that are no longer embedded in
    /// <paramref name="run"/> were archived before that read, and archived events are never deleted: no event is missed
    /// between the two.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> Read(
        Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken)
    {
        var archived = new EventPageBuilder(after, limit, visibility);
        var lastArchived = GetFirstEmbeddedEventId(run) - 1;
        var range = (long)limit;
        for (var from = after; from < lastArchived && !archived.IsFull;)
        {
            var until = Math.Min(from + range, lastArchived);
            await ReadArchived(archived, run, from, until, visibility, cancellationToken);
            (from, range) = (until, range * RangeGrowth);
        }

        // Some embedded events before the first one that is surely embedded may be archived as well, or not.
        var page = new EventPageBuilder(after, limit, visibility);
        page.Add(
            archived.Events
                .Concat(run.EmbeddedEvents.Where(runEvent => runEvent.EventId > after))
                .DistinctBy(runEvent => runEvent.EventId)
                .OrderBy(runEvent => runEvent.EventId),
            until: archived.IsFull ? archived.Events[^1].EventId : run.LatestEventId);
        return page.Events;
    }

    // Reads the chunks that have events after one id and up to another.
    private async Task ReadArchived(
        EventPageBuilder page, Run run, long from, long until, EventVisibility visibility, CancellationToken cancellationToken)
    {
        var builder = Builders<EventChunkDocument>.Filter;
        var filter = builder.Eq(chunk => chunk.Tenant, run.Tenant)
            & builder.Eq(chunk => chunk.RunId, run.RunId)
            & builder.Gte(chunk => chunk.FirstEventId, EventChunk.GetMinFirstEventId(from))
            & builder.Lte(chunk => chunk.FirstEventId, until)
            & builder.Gt(chunk => chunk.LastEventId, from);
        if (visibility == EventVisibility.Public)
        {
            filter &= builder.Eq(chunk => chunk.HasPublicEvents, true);
        }

        var options = new FindOptions<EventChunkDocument> { Sort = Order, BatchSize = EventChunk.MaxEvents * RangeGrowth };
        using var cursor = await chunks.FindAsync(filter, options, cancellationToken);
        while (!page.IsFull && await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var chunk in cursor.Current)
            {
                page.Add(chunk.Events, until);
            }
        }
    }

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
}
