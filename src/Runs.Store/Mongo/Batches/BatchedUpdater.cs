using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Batches concurrent updates of runs into one unordered <c>bulkWrite</c>. Each has a condition: the run and its log
/// are unchanged. The server returns only how many have matched. If some have not, the tokens that the runs now have
/// say which: see <see cref="ReadOutcomes"/>.
/// </summary>
internal sealed class BatchedUpdater
{
    /// <summary>How long a batch of writes may delay the next one. A multiple of what a slow flush takes.</summary>
    public static readonly TimeSpan MaxSlotTime = TimeSpan.FromSeconds(2);

    private static readonly BulkWriteOptions Unordered = new() { IsOrdered = false };
    private static readonly IBsonSerializer<RunEvent> EventSerializer = BsonSerializer.LookupSerializer<RunEvent>();

    private readonly IMongoCollection<Run> _runs;
    private readonly TimeProvider _clock;
    private readonly CallBatcher<PendingUpdate, bool> _batcher;

    public BatchedUpdater(IMongoCollection<Run> runs, TimeProvider clock)
    {
        (_runs, _clock) = (runs, clock);
        _batcher = new CallBatcher<PendingUpdate, bool>(Execute, TimeProvider.System, MaxSlotTime);
    }

    /// <summary>Adds events to the document of a run that is unchanged since <paramref name="head"/>.</summary>
    /// <returns>False when the run or its log has changed, or the run does not exist.</returns>
    /// <exception cref="StoreUnavailableException">
    /// The outcome is unknown, because another update of the run followed before its outcome was read.
    /// </exception>
    public Task<bool> Append(RunHead head, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        var token = CreateToken();
        var expected = RunVersion.From(head.Run);
        var filter = MongoFilters.ById(head.Run.Id, expected);
        var appended = head.Append(events).Run;
        var append = new UpdateOneModel<Run>(filter, CreateUpdate(appended, events, token));
        var update = new PendingUpdate(head.Run.Id, token, expected, RunVersion.From(appended), append);
        return _batcher.Execute(update, RunSize.CountCharacters(events), cancellationToken);
    }

    /// <summary>
    /// Replaces the document of a run that is unchanged since <paramref name="expected"/>, and whose leases have not
    /// been renewed since it was read.
    /// </summary>
    /// <inheritdoc cref="Append"/>
    public Task<bool> Replace(Run run, RunVersion expected, CancellationToken cancellationToken)
    {
        var token = CreateToken();
        run.LatestWriteToken = token;
        var replace = new ReplaceOneModel<Run>(MongoFilters.ById(run.Id, expected).WithRenewals(run), run);
        var update = new PendingUpdate(run.Id, token, expected, RunVersion.From(run), replace);
        return _batcher.Execute(update, RunSize.CountCharacters(run), cancellationToken);
    }

    private Guid CreateToken() => Guid.CreateVersion7(_clock.GetUtcNow());

    // Documents instead of expressions, which the driver would translate again in every call.
    private static BsonDocument CreateUpdate(Run run, IReadOnlyList<RunEvent> events, Guid token) => new()
    {
        {
            "$set", new BsonDocument
            {
                { "latest_event_id", run.LatestEventId },
                { "latest_external_event_sequence", run.LatestExternalEventSequence },
                { "latest_event_at", run.LatestEventAt!.Value.UtcDateTime },
                { "latest_write_token", new BsonBinaryData(token, GuidRepresentation.Standard) },
            }
        },
        {
            "$push", new BsonDocument("embedded_events", new BsonDocument(
                "$each", new BsonArray(events.Select(runEvent => new BsonDocumentWrapper(runEvent, EventSerializer)))))
        },
    };

    // Sorted, because a store that locks documents until the end of a batch could otherwise deadlock between two
    // batches.
    private async Task Execute(IReadOnlyList<BatchedCall<PendingUpdate, bool>> batch)
    {
        // At most one update of each run is sent: a second one expects the same version and would hardly match.
        var calls = batch.DistinctBy(call => call.Argument.RunId).OrderBy(call => call.Argument.RunId).ToList();
        var failures = new Dictionary<int, Exception>();
        long matched;
        try
        {
            matched = (await _runs.BulkWriteAsync(calls.Select(call => call.Argument.Model), Unordered)).MatchedCount;
        }
        catch (MongoBulkWriteException<Run> exception) when (exception.WriteConcernError is null)
        {
            matched = exception.Result.MatchedCount;
            foreach (var error in exception.WriteErrors)
            {
                failures[error.Index] = new MongoBulkWriteException<Run>(exception.ConnectionId, exception.Result, [error], null, []);
            }
        }

        foreach (var (index, exception) in failures)
        {
            calls[index].Fail(exception);
        }

        List<BatchedCall<PendingUpdate, bool>> others = [.. calls.Where((_, index) => !failures.ContainsKey(index))];
        try
        {
            await CompleteByMatchCount(others, matched);
        }
        catch (Exception exception)
        {
            others.ForEach(call => call.Fail(exception)); // not rethrown: they would be executed again, and some have been
        }

        // Those that were not sent: their callers read the run again.
        foreach (var call in batch.Except(calls))
        {
            call.Complete(false);
        }
    }

    private async Task CompleteByMatchCount(List<BatchedCall<PendingUpdate, bool>> calls, long matched)
    {
        var outcomes = matched == calls.Count || matched == 0
            ? calls.ToDictionary(call => call, _ => (bool?)(matched > 0))
            : await ReadOutcomes(calls);
        var unknown = calls.Where(call => outcomes[call] is null).ToList();

        // As many of the unknown updates were executed as have matched beyond the known ones. That determines their
        // outcomes if it is none or all of them.
        var executedAmongUnknown = matched - outcomes.Values.Count(isExecuted => isExecuted == true);
        foreach (var call in calls)
        {
            if (outcomes[call] is { } isExecuted)
            {
                call.Complete(isExecuted);
            }
            else if (executedAmongUnknown == 0 || executedAmongUnknown == unknown.Count)
            {
                call.Complete(executedAmongUnknown > 0);
            }
            else
            {
                call.Fail(new StoreUnavailableException("The outcome of the update is unknown.", null));
            }
        }
    }

    /// <summary>
    /// Returns for each update whether it was executed. True: the run has the update's token. False: the run has left
    /// the version that the update expected, but is not past the version that the update would have made, so another
    /// update took its place. Null: neither is certain. Others have followed, the lease was renewed, or a new primary
    /// answered with an older state.
    /// </summary>
    private async Task<Dictionary<BatchedCall<PendingUpdate, bool>, bool?>> ReadOutcomes(List<BatchedCall<PendingUpdate, bool>> calls)
    {
        var fields = Builders<Run>.Projection
            .Include(run => run.Version).Include(run => run.LatestEventId).Include(run => run.LatestWriteToken);
        var documents = await _runs
            .Find(MongoFilters.ByIds(calls.Select(call => call.Argument.RunId)), new FindOptions { BatchSize = calls.Count + 1 })
            .Project<BsonDocument>(fields)
            .ToListAsync();
        var runs = documents.ToDictionary(document => document["_id"].AsGuid);
        return calls.ToDictionary(call => call, call => IsExecuted(call.Argument, runs.GetValueOrDefault(call.Argument.RunId)));
    }

    private static bool? IsExecuted(PendingUpdate update, BsonDocument? run)
    {
        if (run is null)
        {
            return null;
        }

        if (run.GetValue("latest_write_token", BsonNull.Value) is BsonBinaryData token && token.ToGuid() == update.Token)
        {
            return true;
        }

        var stored = new RunVersion(run["version"].ToInt64(), run["latest_event_id"].ToInt64());
        return IsNewer(stored, update.Expected) && !IsNewer(stored, update.Result) ? false : null;
    }

    private static bool IsNewer(RunVersion one, RunVersion other) =>
        (one.Version, one.LatestEventId).CompareTo((other.Version, other.LatestEventId)) > 0;
}
