using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Batches concurrent inserts into one unordered <c>insertMany</c>. Each caller gets its own result.</summary>
internal sealed class BatchedInserter
{
    private static readonly InsertManyOptions Unordered = new() { IsOrdered = false };

    private readonly IMongoCollection<Run> _runs;
    private readonly CallBatcher<Run, bool> _batcher;

    public BatchedInserter(IMongoCollection<Run> runs)
    {
        _runs = runs;
        _batcher = new CallBatcher<Run, bool>(Execute, TimeProvider.System, BatchedUpdater.MaxSlotTime);
    }

    /// <returns>False when a run with the same id exists.</returns>
    public Task<bool> Insert(Run run, CancellationToken cancellationToken) =>
        _batcher.Execute(run, RunSize.CountCharacters(run), cancellationToken);

    /// <inheritdoc cref="CallBatcher{TArgument,TResult}.Gather"/>
    public IDisposable Gather() => _batcher.Gather();

    // Sorted: see BatchedUpdater.
    private async Task Execute(IReadOnlyList<BatchedCall<Run, bool>> batch)
    {
        var calls = batch.OrderBy(call => call.Argument.Id).ToList();
        try
        {
            await _runs.InsertManyAsync(calls.Select(call => call.Argument), Unordered);
            calls.ForEach(call => call.Complete(true));
        }
        catch (MongoBulkWriteException<Run> exception) when (exception.WriteConcernError is null)
        {
            CompleteEach(calls, exception);
        }
    }

    private static void CompleteEach(List<BatchedCall<Run, bool>> batch, MongoBulkWriteException<Run> exception)
    {
        var errors = exception.WriteErrors.ToDictionary(error => error.Index);
        for (var i = 0; i < batch.Count; i++)
        {
            if (!errors.TryGetValue(i, out var error))
            {
                batch[i].Complete(true);
            }
            else if (MongoExceptions.IsDuplicateKey(error))
            {
                // The driver retries a write whose reply was lost. A server without retryable writes may then report
                // its own first attempt as a duplicate: the caller reads the run and finds the document that it wanted
                // to insert.
                batch[i].Complete(false);
            }
            else
            {
                batch[i].Fail(new MongoBulkWriteException<Run>(exception.ConnectionId, exception.Result, [error], null, []));
            }
        }
    }
}
