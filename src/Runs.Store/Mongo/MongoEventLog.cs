using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Reads the event logs of runs. The write that changes a run also embeds the event in the run's document; the event is
/// archived afterwards, see <see cref="MongoEventArchive"/>. Reads merge the archived and the embedded events. So no
/// transaction is needed: an event and the change that it describes always become visible together.
/// </summary>
internal sealed class MongoEventLog(IMongoCollection<RunEventDocument> archivedEvents)
{
    /// <summary>
    /// Returns the events of the run as of the time when it was read. Events that are no longer embedded in
    /// <paramref name="run"/> were archived before that read, and archived events are never deleted: no event is missed
    /// between the two.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> Read(
        Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken)
    {
        var embedded = run.EmbeddedEvents
            .Where(runEvent => runEvent.EventId > after && (visibility == EventVisibility.All || runEvent.Public));
        var archived = after + 1 >= GetFirstEmbeddedEventId(run)
            ? []
            : await ReadArchived(run, after, limit, visibility, cancellationToken);
        var events = archived
            .Concat(embedded)
            .DistinctBy(runEvent => runEvent.EventId)
            .OrderBy(runEvent => runEvent.EventId);
        var page = new PageBuilder<RunEvent>(limit);
        foreach (var runEvent in events)
        {
            if (!page.TryAdd(runEvent, runEvent.Event.Text.Length))
            {
                break;
            }
        }

        return page.Items;
    }

    private async Task<IReadOnlyList<RunEvent>> ReadArchived(
        Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken)
    {
        var builder = Builders<RunEventDocument>.Filter;
        var filter = builder.Eq(runEvent => runEvent.Tenant, run.Tenant)
            & builder.Eq(runEvent => runEvent.RunId, run.RunId)
            & builder.Gt(runEvent => runEvent.EventId, after)
            & builder.Lte(runEvent => runEvent.EventId, run.LatestEventId);
        if (visibility == EventVisibility.Public)
        {
            filter &= builder.Eq(runEvent => runEvent.Public, true);
        }

        var options = new FindOptions<RunEventDocument>
        {
            Sort = Builders<RunEventDocument>.Sort
                .Ascending(runEvent => runEvent.Tenant)
                .Ascending(runEvent => runEvent.RunId)
                .Ascending(runEvent => runEvent.EventId),
            Limit = limit,
            BatchSize = limit,
        };
        using var cursor = await archivedEvents.FindAsync(filter, options, cancellationToken);
        var page = new PageBuilder<RunEvent>();
        while (!page.IsFull && await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var runEvent in cursor.Current)
            {
                page.Add(runEvent.ToRunEvent(), runEvent.Event.Text.Length);
            }
        }

        return page.Items;
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
