using System.Text;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Archives events: copies them from the documents of their runs to <c>run_events</c> and removes them from the runs.
/// See <see cref="MongoEventLog"/>.
/// </summary>
internal sealed class MongoEventArchive(IMongoCollection<Run> runs, IMongoCollection<RunEventDocument> archivedEvents)
{
    /// <summary>
    /// The number of embedded events from which a write of the run archives them itself. Usually
    /// <see cref="EventArchiver"/> has archived them earlier.
    /// </summary>
    private const int MaxEmbeddedEvents = 500;

    // A document of 16 MiB has room for this besides a request, a result and the events of one append.
    private const long MaxEmbeddedBytes = 512 * 1024;

    /// <summary>Creates the only index: the log of a run, for operators and for the service.</summary>
    public Task CreateIndex(CancellationToken cancellationToken) => RunIndexes.Create(
        archivedEvents,
        [
            new CreateIndexModel<RunEventDocument>(
                Builders<RunEventDocument>.IndexKeys
                    .Ascending(runEvent => runEvent.Tenant)
                    .Ascending(runEvent => runEvent.RunId)
                    .Ascending(runEvent => runEvent.EventId),
                new CreateIndexOptions { Name = "log" }),
        ],
        cancellationToken);

    /// <summary>
    /// Archives the embedded events of runs and removes them from the runs. Idempotent, also across processes.
    /// </summary>
    public async Task Archive(IReadOnlyCollection<Run> runsWithEvents, CancellationToken cancellationToken)
    {
        // Sorted by id to avoid deadlocks: some databases hold the locks on written documents until the command ends.
        var ordered = runsWithEvents.OrderBy(run => run.Id).ToList();
        await InsertIgnoringDuplicates(
            ordered.SelectMany(run => run.EmbeddedEvents.Select(runEvent => RunEventDocument.Create(run, runEvent))),
            cancellationToken);
        await runs.BulkWriteAsync(ordered.Select(RemoveEvents), new BulkWriteOptions { IsOrdered = false }, cancellationToken);
    }

    /// <summary>
    /// Archives the embedded events when the document would exceed its size limit with the <paramref name="added"/>
    /// ones. Returns the events that a write of the run must keep embedded: all of <paramref name="embedded"/>, or none
    /// if they were archived.
    /// </summary>
    public async Task<List<RunEvent>> ArchiveIfLarge(
        Run run, IReadOnlyList<RunEvent> embedded, IReadOnlyList<RunEvent> added, CancellationToken cancellationToken)
    {
        if (embedded.Count == 0
            || (embedded.Count < MaxEmbeddedEvents && GetByteCount(embedded) + GetByteCount(added) < MaxEmbeddedBytes))
        {
            return [.. embedded];
        }

        await InsertIgnoringDuplicates(embedded.Select(runEvent => RunEventDocument.Create(run, runEvent)), cancellationToken);
        return [];
    }

    /// <summary>
    /// Returns the runs that have embedded events, but not the events themselves, after <paramref name="after"/>, in a
    /// fixed order that does not depend on time.
    /// </summary>
    public async Task<IReadOnlyList<Run>> ListRunsWithEvents(Run? after, int limit, CancellationToken cancellationToken) => await runs
        .Find(RunIndexes.After(after is null ? null : (after.Tenant, after.Id)) & RunIndexes.HasEmbeddedEvents)
        .Sort(RunIndexes.SweepOrder)
        .Limit(limit)
        .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.LatestEventId))
        .ToListAsync(cancellationToken);

    /// <summary>
    /// Returns those of the runs with these ids that have embedded events, with only their ids, tenant and events. When
    /// the events have more than <paramref name="maxCharacters"/> characters, returns only some of the runs, but at
    /// least one if there is any.
    /// </summary>
    public async Task<IReadOnlyList<Run>> ReadRunsWithEvents(
        IReadOnlyCollection<Guid> ids, long maxCharacters, CancellationToken cancellationToken)
    {
        using var cursor = await runs
            .Find(MongoFilters.ByIds(ids) & RunIndexes.HasEmbeddedEvents, new FindOptions { BatchSize = 20 })
            .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.EmbeddedEvents))
            .ToCursorAsync(cancellationToken);
        var page = new PageBuilder<Run>(maxCharacters: maxCharacters);
        while (!page.IsFull && await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var run in cursor.Current)
            {
                page.Add(run, RunSize.CountEventCharacters(run));
            }
        }

        return page.Items;
    }

    private async Task InsertIgnoringDuplicates(IEnumerable<RunEventDocument> events, CancellationToken cancellationToken)
    {
        try
        {
            await archivedEvents.InsertManyAsync(events, new InsertManyOptions { IsOrdered = false }, cancellationToken);
        }
        catch (MongoBulkWriteException exception) when (MongoExceptions.IsDuplicateKey(exception))
        {
            // The events have already been archived and are identical.
        }
    }

    private static UpdateOneModel<Run> RemoveEvents(Run run)
    {
        var ids = run.EmbeddedEvents.Select(runEvent => runEvent.EventId);
        return new UpdateOneModel<Run>(
            MongoFilters.ById(run.Id),
            Builders<Run>.Update.PullFilter(
                stored => stored.EmbeddedEvents, Builders<RunEvent>.Filter.In(runEvent => runEvent.EventId, ids)));
    }

    private static long GetByteCount(IReadOnlyList<RunEvent> events) =>
        events.Sum(runEvent => (long)Encoding.UTF8.GetByteCount(runEvent.Event.Text));
}
