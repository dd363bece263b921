using System.Text;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// The logs of all runs, in <c>run_events</c>. An event is recorded in its run's own document, by the write that makes it true, and put here afterwards; a log
/// is read from both. So no transaction is needed, and there is no moment at which an event and what it tells of are not both there or both not.
/// </summary>
internal sealed class MongoEventLog(IMongoCollection<Run> runs, IMongoCollection<LoggedEvent> log)
{
    /// <summary>What one answer may hold, in characters.</summary>
    private const long MostCharacters = 16 * 1024 * 1024;

    /// <summary>Events that a run's document may hold before a write of it puts them away itself; usually <see cref="EventMover"/> has done it before.</summary>
    private const int MostRecentEvents = 500;

    // Beside a request, an outcome and what one append may bring, a document of 16 MiB has room for this.
    private const long MostRecentBytes = 512 * 1024;

    /// <summary>One index: the log of a run, for people and for the service.</summary>
    public Task CreateIndex(CancellationToken cancellationToken) => RunIndexes.Create(
        log.Indexes,
        [
            new CreateIndexModel<LoggedEvent>(
                Builders<LoggedEvent>.IndexKeys.Ascending(logged => logged.Tenant).Ascending(logged => logged.RunId).Ascending(logged => logged.EventId),
                new CreateIndexOptions { Name = "log" }),
        ],
        cancellationToken);

    /// <summary>
    /// The events of the run as it was read. What it does not hold any more had been put here before that read, and what is here is never taken away: nothing
    /// is missed between the two.
    /// </summary>
    public async Task<IReadOnlyList<RunEvent>> Read(Run run, long after, int limit, EventScope scope, CancellationToken cancellationToken)
    {
        var recent = run.RecentEvents.Where(logged => logged.EventId > after && (scope == EventScope.All || logged.Public)).ToList();
        var stored = after + 1 >= FirstOfTail(run) ? [] : await ReadStored(run, after, limit, scope, cancellationToken);
        return Bounded(stored.Concat(recent).DistinctBy(logged => logged.EventId).OrderBy(logged => logged.EventId).Take(limit));
    }

    /// <summary>Puts the recent events of runs where the log is, and takes them out of the runs. Safe to repeat, at any time, by anybody.</summary>
    public async Task Move(IReadOnlyCollection<Run> held, CancellationToken cancellationToken)
    {
        // In the order of ids: a database that locks what a command has written, until the command ends, would let two of these wait for each other.
        var ordered = held.OrderBy(run => run.Id).ToList();
        await Put(ordered.SelectMany(run => run.RecentEvents.Select(logged => LoggedEvent.Of(run, logged))), cancellationToken);
        var pulls = ordered.Select(run => new UpdateOneModel<Run>(
            Builders<Run>.Filter.Eq(stored => stored.Id, run.Id),
            Builders<Run>.Update.PullFilter(
                stored => stored.RecentEvents, Builders<RunEvent>.Filter.In(logged => logged.EventId, run.RecentEvents.Select(logged => logged.EventId)))));
        await runs.BulkWriteAsync(pulls, new BulkWriteOptions { IsOrdered = false }, cancellationToken);
    }

    /// <summary>
    /// What a write of the run has to keep of the events that it read: all of them, or, when they would become too many for one document with those that it adds,
    /// none: then they have been put where the log is.
    /// </summary>
    public async Task<List<RunEvent>> Keep(Run run, IReadOnlyList<RunEvent> read, IReadOnlyList<RunEvent> added, CancellationToken cancellationToken)
    {
        if (read.Count == 0 || (read.Count < MostRecentEvents && Bytes(read) + Bytes(added) < MostRecentBytes))
        {
            return [.. read];
        }

        await Put(read.Select(logged => LoggedEvent.Of(run, logged)), cancellationToken);
        return [];
    }

    private async Task Put(IEnumerable<LoggedEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            await log.InsertManyAsync(events, new InsertManyOptions { IsOrdered = false }, cancellationToken);
        }
        catch (MongoBulkWriteException<LoggedEvent> there)
            when (there.WriteConcernError is null && there.WriteErrors.All(error => error.Category == ServerErrorCategory.DuplicateKey))
        {
            // Somebody put them there before; they are the same.
        }
    }

    private async Task<List<RunEvent>> ReadStored(Run run, long after, int limit, EventScope scope, CancellationToken cancellationToken)
    {
        var where = Builders<LoggedEvent>.Filter;
        var filter = where.Eq(logged => logged.Tenant, run.Tenant) & where.Eq(logged => logged.RunId, run.RunId)
            & where.Gt(logged => logged.EventId, after) & where.Lte(logged => logged.EventId, run.LatestEventId);
        if (scope == EventScope.Public)
        {
            filter &= where.Eq(logged => logged.Public, true);
        }

        var options = new FindOptions<LoggedEvent>
        {
            Sort = Builders<LoggedEvent>.Sort.Ascending(logged => logged.Tenant).Ascending(logged => logged.RunId).Ascending(logged => logged.EventId),
            Limit = limit,
            BatchSize = limit,
        };
        using var cursor = await log.FindAsync(filter, options, cancellationToken);
        var events = new List<RunEvent>();
        var characters = 0L;
        while (characters <= MostCharacters && await cursor.MoveNextAsync(cancellationToken))
        {
            foreach (var logged in cursor.Current)
            {
                characters += logged.Event.Text.Length;
                events.Add(logged.ToEvent());
            }
        }

        return events;
    }

    private static long Bytes(IReadOnlyList<RunEvent> events) => events.Sum(logged => (long)Encoding.UTF8.GetByteCount(logged.Event.Text));

    // The run's document holds everything from here on.
    private static long FirstOfTail(Run run)
    {
        var first = run.LatestEventId + 1;
        for (var i = run.RecentEvents.Count - 1; i >= 0 && run.RecentEvents[i].EventId == first - 1; i--)
        {
            first--;
        }

        return first;
    }

    private static List<RunEvent> Bounded(IEnumerable<RunEvent> events)
    {
        var page = new List<RunEvent>();
        var characters = 0L;
        foreach (var logged in events)
        {
            characters += logged.Event.Text.Length;
            if (page.Count > 0 && characters > MostCharacters)
            {
                break;
            }

            page.Add(logged);
        }

        return page;
    }
}
