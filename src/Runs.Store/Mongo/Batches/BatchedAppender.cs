using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Batches concurrent appends into one unordered <c>bulkWrite</c> of conditional updates. The server returns only how
/// many updates have matched. If some have not, the tokens that the runs now have say which: see
/// <see cref="ReadOutcomes"/>.
/// </summary>
internal sealed class BatchedAppender
{
    private static readonly BulkWriteOptions Unordered = new() { IsOrdered = false };
    private static readonly IBsonSerializer<RunEvent> EventSerializer = BsonSerializer.LookupSerializer<RunEvent>();

    private readonly IMongoCollection<Run> _runs;
    private readonly TimeProvider _clock;
    private readonly CallBatcher<PendingAppend, bool> _batcher;

    public BatchedAppender(IMongoCollection<Run> runs, TimeProvider clock)
    {
        (_runs, _clock) = (runs, clock);
        _batcher = new CallBatcher<PendingAppend, bool>(Execute);
    }

    /// <summary>Adds events to the document of a run that is unchanged since <paramref name="head"/>.</summary>
    /// <returns>False when the run or its log has changed, or the run does not exist.</returns>
    /// <exception cref="StoreUnavailableException">
    /// The outcome is unknown, because another append to the run followed before its outcome was read.
    /// </exception>
    public Task<bool> Append(RunHead head, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        var token = Guid.CreateVersion7(_clock.GetUtcNow());
        var append = new PendingAppend(
            head.Run.Id,
            token,
            MongoFilters.ById(head.Run.Id, RunVersion.From(head.Run)),
            CreateUpdate(head.Append(events).Run, events, token));
        return _batcher.Execute(append, RunSize.CountCharacters(events), cancellationToken);
    }

    // Documents instead of expressions, which the driver would translate again in every call.
    private static BsonDocument CreateUpdate(Run run, IReadOnlyList<RunEvent> events, Guid token) => new()
    {
        {
            "$set", new BsonDocument
            {
                { "latest_event_id", run.LatestEventId },
                { "latest_external_event_sequence", run.LatestExternalEventSequence },
                { "latest_event_at", run.LatestEventAt!.Value.UtcDateTime },
                { "latest_append_token", new BsonBinaryData(token, GuidRepresentation.Standard) },
            }
        },
        {
            "$push", new BsonDocument("embedded_events", new BsonDocument(
                "$each", new BsonArray(events.Select(runEvent => new BsonDocumentWrapper(runEvent, EventSerializer)))))
        },
    };

    private async Task Execute(IReadOnlyList<BatchedCall<PendingAppend, bool>> batch)
    {
        var calls = RejectSecondOfRun(batch);
        var failures = new Dictionary<int, Exception>();
        long matched;
        try
        {
            matched = (await _runs.BulkWriteAsync(calls.Select(call => CreateModel(call.Argument)), Unordered)).MatchedCount;
        }
        catch (MongoBulkWriteException<Run> exception) when (exception.WriteConcernError is null)
        {
            matched = exception.Result.MatchedCount;
            foreach (var error in exception.WriteErrors)
            {
                failures[error.Index] = new MongoBulkWriteException<Run>(exception.ConnectionId, exception.Result, [error], null, []);
            }
        }
        catch (Exception exception) when (calls.Count > 1 && !MongoExceptions.IsTransient(exception))
        {
            await ExecuteOneByOne(calls); // an append that cannot be written must not fail the others
            return;
        }

        foreach (var (index, exception) in failures)
        {
            calls[index].Fail(exception);
        }

        await Complete([.. calls.Where((_, index) => !failures.ContainsKey(index))], matched);
    }

    private async Task ExecuteOneByOne(List<BatchedCall<PendingAppend, bool>> calls)
    {
        foreach (var call in calls)
        {
            try
            {
                await Execute([call]);
            }
            catch (Exception exception)
            {
                call.Fail(exception);
            }
        }
    }

    // At most one of several appends that expect to be the next one of a run can match.
    private static List<BatchedCall<PendingAppend, bool>> RejectSecondOfRun(IReadOnlyList<BatchedCall<PendingAppend, bool>> batch)
    {
        var ids = new HashSet<Guid>();
        var calls = new List<BatchedCall<PendingAppend, bool>>(batch.Count);
        foreach (var call in batch)
        {
            if (ids.Add(call.Argument.Id))
            {
                calls.Add(call);
            }
            else
            {
                call.Complete(false);
            }
        }

        return calls;
    }

    private static UpdateOneModel<Run> CreateModel(PendingAppend append) => new(append.Filter, append.Update);

    private async Task Complete(List<BatchedCall<PendingAppend, bool>> calls, long matched)
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
                call.Fail(new StoreUnavailableException("The outcome of the append is unknown.", null));
            }
        }
    }

    /// <summary>
    /// Returns those appends whose token their run has. All others have not been executed if there are as many as have
    /// matched. If there are fewer, another append to a run has replaced the token, or the read followed a failover.
    /// </summary>
    private async Task<HashSet<BatchedCall<PendingAppend, bool>>> ReadOutcomes(List<BatchedCall<PendingAppend, bool>> calls)
    {
        var documents = await _runs
            .Find(MongoFilters.ByIds(calls.Select(call => call.Argument.Id)), new FindOptions { BatchSize = calls.Count + 1 })
            .Project<BsonDocument>(Builders<Run>.Projection.Include(run => run.LatestAppendToken))
            .ToListAsync();
        var tokens = documents
            .Select(document => document.GetValue("latest_append_token", BsonNull.Value))
            .OfType<BsonBinaryData>()
            .Select(token => token.ToGuid())
            .ToHashSet();
        return calls.Where(call => tokens.Contains(call.Argument.Token)).ToHashSet();
    }
}
