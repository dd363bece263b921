using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Archives events: copies them in chunks from the documents of their runs to <c>run_events</c> and removes them from
/// the runs. See <see cref="MongoEventLog"/>.
/// </summary>
internal sealed class MongoEventArchive(IMongoCollection<Run> runs, IMongoCollection<EventChunkDocument> chunks)
{
    /// <summary>
    /// The number of embedded events from which a write of the run archives them itself. Usually
    /// <see cref="EventArchiver"/> has archived them earlier.
    /// </summary>
    private const int MaxEmbeddedEvents = 500;

    // A document of 16 MiB has room for this besides a request, a result and the events of one append.
    private const long MaxEmbeddedCharacters = 512 * 1024;

    // Each attempt stores at least one more chunk, or finds one that another process has stored.
    private const int MaxAttempts = 10;

    /// <summary>Creates the only index: the log of a run, for operators and for the service.</summary>
    public Task CreateIndex(CancellationToken cancellationToken) => RunIndexes.Create(
        chunks,
        [
            new CreateIndexModel<EventChunkDocument>(
                Builders<EventChunkDocument>.IndexKeys
                    .Ascending(chunk => chunk.Tenant)
                    .Ascending(chunk => chunk.RunId)
                    .Ascending(chunk => chunk.FirstEventId)
                    .Ascending(chunk => chunk.LastEventId),
                new CreateIndexOptions { Name = "log_chunks" }),
        ],
        cancellationToken);

    /// <summary>Returns whether a document with these events must not get more before they are archived.</summary>
    public static bool IsLarge(int eventCount, long characterCount) =>
        eventCount > 0 && (eventCount >= MaxEmbeddedEvents || characterCount >= MaxEmbeddedCharacters);

    /// <summary>
    /// Archives embedded events and removes them from the runs. Idempotent, also across processes that archive
    /// different groups of the same events.
    /// </summary>
    public async Task Archive(IReadOnlyCollection<ArchiveEntry> entries, CancellationToken cancellationToken)
    {
        // Sorted by id to avoid deadlocks: some databases hold the locks on written documents until the command ends.
        var ordered = entries.OrderBy(entry => entry.Id).ToList();
        await Store(ordered, cancellationToken);
        await runs.BulkWriteAsync(ordered.SelectMany(RemoveEvents), new BulkWriteOptions { IsOrdered = false }, cancellationToken);
    }

    /// <summary>Archives the events that the document of a run has.</summary>
    public async Task ArchiveRun(Guid id, CancellationToken cancellationToken)
    {
        if (await ReadRunsWithEvents([id], long.MaxValue, cancellationToken) is { Count: > 0 } entries)
        {
            await Archive(entries, cancellationToken);
        }
    }

    /// <summary>Stores events of a run that its next write then omits from its document.</summary>
    public Task Store(Run run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) =>
        Store([ArchiveEntry.From(run, events)], cancellationToken);

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
    /// Returns the embedded events of those of the runs with these ids that have any. When the events have more than
    /// <paramref name="maxCharacters"/> characters, returns only some of the runs, but at least one if there is any.
    /// </summary>
    public async Task<IReadOnlyList<ArchiveEntry>> ReadRunsWithEvents(
        IReadOnlyCollection<Guid> ids, long maxCharacters, CancellationToken cancellationToken)
    {
        using var cursor = await runs
            .Find(MongoFilters.ByIds(ids) & RunIndexes.HasEmbeddedEvents, new FindOptions { BatchSize = 20 })
            .Project<Run>(Builders<Run>.Projection.Include(run => run.Tenant).Include(run => run.RunId).Include(run => run.EmbeddedEvents))
            .ToCursorAsync(cancellationToken);
        var page = new PageBuilder<ArchiveEntry>(maxCharacters: maxCharacters);
        while (!page.IsFull && await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var run in cursor.Current)
            {
                page.Add(ArchiveEntry.From(run, run.EmbeddedEvents), RunSize.CountCharacters(run.EmbeddedEvents));
            }
        }

        return page.Items;
    }

    // Another process may have stored some of the events, in chunks with other ends.
    private async Task Store(List<ArchiveEntry> entries, CancellationToken cancellationToken)
    {
        for (var attempt = 1; entries.Count > 0; attempt++)
        {
            var documents = entries
                .SelectMany(
                    entry => EventChunk.Split(entry.Events),
                    (entry, chunk) => (Entry: entry, Chunk: EventChunkDocument.Create(entry, chunk)))
                .ToList();
            try
            {
                await chunks.InsertManyAsync(
                    documents.Select(document => document.Chunk), new InsertManyOptions { IsOrdered = false }, cancellationToken);
                return;
            }
            catch (MongoBulkWriteException<EventChunkDocument> exception)
                when (MongoExceptions.IsDuplicateKey(exception) && attempt < MaxAttempts)
            {
                var existing = exception.WriteErrors.Select(error => documents[error.Index].Entry).Distinct().ToList();
                entries = await FindMissing(existing, cancellationToken);
            }
        }
    }

    private async Task<List<ArchiveEntry>> FindMissing(List<ArchiveEntry> entries, CancellationToken cancellationToken)
    {
        var missing = new List<ArchiveEntry>();
        foreach (var entry in entries)
        {
            var builder = Builders<EventChunkDocument>.Filter;
            var stored = await chunks
                .Find(builder.Eq(chunk => chunk.Tenant, entry.Tenant)
                    & builder.Eq(chunk => chunk.RunId, entry.RunId)
                    & builder.Gte(chunk => chunk.FirstEventId, EventChunk.GetMinFirstEventId(entry.Events[0].EventId - 1))
                    & builder.Lte(chunk => chunk.FirstEventId, entry.Events[^1].EventId))
                .Project(chunk => new { chunk.FirstEventId, chunk.LastEventId })
                .ToListAsync(cancellationToken);
            var events = entry.Events
                .Where(item => !stored.Exists(chunk => chunk.FirstEventId <= item.EventId && item.EventId <= chunk.LastEventId))
                .ToList();
            if (events.Count > 0)
            {
                missing.Add(entry with { Events = events });
            }
        }

        return missing;
    }

    // By ranges of ids: between them, other processes may have events that are not archived yet.
    private static IEnumerable<UpdateOneModel<Run>> RemoveEvents(ArchiveEntry entry)
    {
        var (first, last) = (entry.Events[0].EventId, entry.Events[0].EventId);
        foreach (var runEvent in entry.Events)
        {
            if (runEvent.EventId > last + 1)
            {
                yield return RemoveRange(entry.Id, first, last);
                first = runEvent.EventId;
            }

            last = runEvent.EventId;
        }

        yield return RemoveRange(entry.Id, first, last);
    }

    private static UpdateOneModel<Run> RemoveRange(Guid id, long first, long last) => new(
        MongoFilters.ById(id),
        new BsonDocument("$pull", new BsonDocument("embedded_events", new BsonDocument(
            "event_id", new BsonDocument { { "$gte", first }, { "$lte", last } }))));
}
