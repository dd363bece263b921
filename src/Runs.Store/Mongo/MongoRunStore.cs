using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Runs in the collection <c>runs</c>. Every write is confirmed by a majority and journaled, and names one document by <c>_id</c>; so the collection may be
/// sharded by hashed <c>_id</c>, and no other unique index is needed. Reads go to the primary and see every write that has returned, and none that
/// a change of primary could undo: what a caller is told of a run it found is as durable as what the writer of it was told.
/// </summary>
internal sealed class MongoRunStore(IMongoDatabase database) : IRunStore
{
    /// <summary>What one answer may hold, in characters of the parts that can be large. A reply of the server is as large at most.</summary>
    private const long MostCharacters = 16 * 1024 * 1024;

    // The time limit is the server's: a write that a majority does not confirm in time is an error, although it may still be confirmed.
    private readonly IMongoCollection<Run> _runs = RunDocument.Collection(database)
        .WithWriteConcern(WriteConcern.WMajority.With(journal: true, wTimeout: TimeSpan.FromSeconds(10)))
        .WithReadPreference(ReadPreference.Primary)
        .WithReadConcern(ReadConcern.Majority);

    public Task Prepare(CancellationToken cancellationToken) => MongoTrouble.Told(RunIndexes.Create(_runs, cancellationToken));

    public Task Ping(CancellationToken cancellationToken) =>
        MongoTrouble.Told(database.RunCommandAsync<BsonDocument>(new BsonDocument("ping", 1), ReadPreference.Primary, cancellationToken));

    public async Task<bool> TryInsert(Run run, CancellationToken cancellationToken)
    {
        try
        {
            await MongoTrouble.Told(_runs.InsertOneAsync(run, options: null, cancellationToken));
            return true;
        }
        catch (MongoWriteException taken) when (taken is { WriteError.Category: ServerErrorCategory.DuplicateKey, WriteConcernError: null })
        {
            // The driver repeats a write whose answer was lost. A server without retryable writes may then call its own first try a duplicate: the
            // caller reads the run and finds what it wanted to insert.
            return false;
        }
    }

    public async Task<bool> TryReplace(Run run, long expectedVersion, CancellationToken cancellationToken)
    {
        var result = await MongoTrouble.Told(
            _runs.ReplaceOneAsync(stored => stored.Id == run.Id && stored.Version == expectedVersion, run, new ReplaceOptions(), cancellationToken));
        return result.MatchedCount == 1;
    }

    public async Task<Run?> Find(Guid id, CancellationToken cancellationToken) =>
        await MongoTrouble.Told(_runs.Find(run => run.Id == id).FirstOrDefaultAsync(cancellationToken));

    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken)
    {
        var where = Builders<Run>.Filter;
        var filter = where.Eq(run => run.Tenant, query.Tenant) & query switch
        {
            { ProjectId: { } project } => where.Eq(run => run.ProjectId, project),
            { ConversationId: { } conversation } => where.Eq(run => run.ConversationId, conversation),
            { ParentRunId: { } parent } => where.Eq(run => run.ParentRunId, parent),
            _ => throw new ArgumentException("A list has a project, a conversation or a parent.", nameof(query)),
        };
        if (query.Kind is not null)
        {
            filter &= where.Eq(run => run.Kind, query.Kind);
        }

        if (query.Status is not null)
        {
            filter &= where.Eq(run => run.Status, query.Status);
        }

        if (after is { CreatedAt: var time, Id: var id })
        {
            // The first condition says nothing new; it is the one that an index can begin at.
            filter &= where.Lte(run => run.CreatedAt, time) & (where.Lt(run => run.CreatedAt, time) | where.Lt(run => run.Id, id));
        }

        return Page(filter, Builders<Run>.Sort.Descending(run => run.CreatedAt).Descending(run => run.Id), limit, cancellationToken);
    }

    public async Task<IReadOnlyList<Run>> WithOutbox(DateTimeOffset changedBefore, int limit, CancellationToken cancellationToken)
    {
        var waiting = Builders<Run>.Filter.Lt(run => run.UpdatedAt, changedBefore) & RunIndexes.HasOutbox;
        return (await Page(waiting, Builders<Run>.Sort.Ascending(run => run.UpdatedAt), limit, cancellationToken)).Runs;
    }

    public async Task ClearOutbox(IReadOnlyList<SentMessages> sent, CancellationToken cancellationToken)
    {
        if (sent.Count == 0)
        {
            return; // the driver takes no empty batch
        }

        var pulls = sent.Select(messages => new UpdateOneModel<Run>(
            Builders<Run>.Filter.Eq(run => run.Id, messages.RunId),
            Builders<Run>.Update.PullFilter(run => run.Outbox, Builders<OutboxMessage>.Filter.In(message => message.MessageId, messages.MessageIds))));
        await MongoTrouble.Told(_runs.BulkWriteAsync(pulls, new BulkWriteOptions { IsOrdered = false }, cancellationToken));
    }

    public async Task<IReadOnlyList<Run>> Due(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        // That it exists goes without saying, but not for every planner that has to find the partial index.
        var due = Builders<Run>.Filter.Exists(run => run.DueAt) & Builders<Run>.Filter.Lte(run => run.DueAt, now);
        return (await Page(due, Builders<Run>.Sort.Ascending(run => run.DueAt), limit, cancellationToken)).Runs;
    }

    /// <summary>Reads until the page is full, in one round trip where the runs are small: one more than it holds tells whether there is a next one.</summary>
    private Task<RunPage> Page(FilterDefinition<Run> filter, SortDefinition<Run> sort, int limit, CancellationToken cancellationToken)
    {
        return MongoTrouble.Told(Read());

        async Task<RunPage> Read()
        {
            var options = new FindOptions<Run> { Sort = sort, Limit = limit + 1, BatchSize = limit + 1 };
            using var cursor = await _runs.FindAsync(filter, options, cancellationToken);
            var runs = new List<Run>();
            var characters = 0L;
            while (await cursor.MoveNextAsync(cancellationToken))
            {
                foreach (var run in cursor.Current)
                {
                    characters += Characters(run);
                    if (runs.Count == limit || (runs.Count > 0 && characters > MostCharacters))
                    {
                        return new RunPage(runs, RunCursor.After(runs[^1]));
                    }

                    runs.Add(run);
                }
            }

            return new RunPage(runs, null);
        }
    }

    private static long Characters(Run run) =>
        (run.Input?.Text.Length ?? 0) + (run.Config?.Text.Length ?? 0) + (run.Output?.Text.Length ?? 0) + (run.Metadata?.Text.Length ?? 0)
        + (run.Artifacts?.Text.Length ?? 0) + (run.Logs?.Length ?? 0) + (run.Error?.Detail?.Text.Length ?? 0) + run.Request.Text.Length
        + run.Outbox.Sum(message => (long)message.Body.Text.Length);
}
