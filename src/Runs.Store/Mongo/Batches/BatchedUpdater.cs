using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Batches concurrent updates of runs into one unordered <c>bulkWrite</c>. Each has a condition: the run and its log are
/// unchanged. The server returns only how many have matched. If some have not, the tokens that the runs now have say
/// which: see <see cref="ReadOutcomes"/>.
/// </summary>
internal sealed class BatchedUpdater
{
    private static readonly BulkWriteOptions Unordered = new() { IsOrdered = false };
    private static readonly IBsonSerializer<RunEvent> EventSerializer = BsonSerializer.LookupSerializer<RunEvent>();

    private readonly IMongoCollection<Run> _runs;
    private readonly TimeProvider _clock;
    private readonly CallBatcher<PendingUpdate, bool> _batcher;

    public BatchedUpdater(IMongoCollection<Run> runs, TimeProvider clock)
    {
        (_runs, _clock) = (runs, clock);
        _batcher = new CallBatcher<PendingUpdate, bool>(Execute);
    }

    /// <summary>Adds events to the document of a run that is unchanged since <paramref name="head"/>.</summary>
    /// <returns>False when the run or its log has changed, or the run does not exist.</returns>
    /// <exception cref="StoreUnavailableException">
    /// The outcome is unknown, because another update of the run followed before its outcome was read.
    /// </exception>
    public Task<bool> Append(RunHead head, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        var token = CreateToken();
        var filter = MongoFilters.ById(head.Run.Id, RunVersion.From(head.Run));
        var append = new UpdateOneModel<Run>(filter, CreateUpdate(head.Append(events).Run, events, token));
        return _batcher.Execute(new PendingUpdate(head.Run.Id, token, append), RunSize.CountCharacters(events), cancellationToken);
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
        return _batcher.Execute(new PendingUpdate(run.Id, token, replace), RunSize.CountCharacters(run), cancellationToken);
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

    private async Task Execute(IReadOnlyList<BatchedCall<PendingUpdate, bool>> batch)
    {
        var calls = SelectOnePerRun(batch);
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
            await Complete(others, matched);
        }
        catch (Exception exception)
        {
            others.ForEach(call => call.Fail(exception)); // not executed again: some have been
        }
    }

    // At most one of several updates that expect the same version of a run can match. A store that locks the documents
    // of a batch until its end needs the same order in all batches.
    private static List<BatchedCall<PendingUpdate, bool>> SelectOnePerRun(IReadOnlyList<BatchedCall<PendingUpdate, bool>> batch)
    {
        var calls = new SortedDictionary<Guid, BatchedCall<PendingUpdate, bool>>();
        foreach (var call in batch)
        {
            if (!calls.TryAdd(call.Argument.RunId, call))
            {
                call.Complete(false);
            }
        }

        return [.. calls.Values];
    }

    private async Task Complete(List<BatchedCall<PendingUpdate, bool>> calls, long matched)
    {
        var executed = matched == calls.Count || matched == 0
            ? calls.Where(_ => matched > 0).ToHashSet()
            : await ReadOutcomes(calls);
        foreach (var call in calls)
        {
            if (executed.Contains(call) || executed.Count == matched)
            {
                call.Complete(executed.Contains(call));
            }
            else
            {
                call.Fail(new StoreUnavailableException("The outcome of the update is unknown.", null));
            }
        }
    }

    /// <summary>
    /// Returns those updates whose token their run has. All others have not been executed if there are as many as have
    /// matched. If there are fewer, another update of a run has replaced the token, or the read followed a failover.
    /// </summary>
    private async Task<HashSet<BatchedCall<PendingUpdate, bool>>> ReadOutcomes(List<BatchedCall<PendingUpdate, bool>> calls)
    {
        var documents = await _runs
            .Find(MongoFilters.ByIds(calls.Select(call => call.Argument.RunId)), new FindOptions { BatchSize = calls.Count + 1 })
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.LatestWriteToken))
            .ToListAsync();
        var tokens = documents
            .Select(document => document.GetValue("latest_write_token", BsonNull.Value))
            .OfType<BsonBinaryData>()
            .Select(token => token.ToGuid())
            .ToHashSet();
        return calls.Where(call => tokens.Contains(call.Argument.Token)).ToHashSet();
    }
}
