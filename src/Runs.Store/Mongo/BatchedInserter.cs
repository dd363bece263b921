using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Batches concurrent inserts into one <c>insertMany</c>, so that they share a journal flush. Each caller gets its own
/// result. A single caller does not wait: inserts are queued for the next batch only while the maximum number of calls
/// is in progress.
/// </summary>
internal sealed class BatchedInserter(IMongoCollection<Run> runs)
{
    // One call is in transit while the database processes the other.
    private const int MaxConcurrentCalls = 2;

    // Bounds how long the first insert of a batch waits for the last, and the size of the message.
    private const int MaxRunsPerBatch = 128;
    private const long MaxCharactersPerBatch = 4 * 1024 * 1024;

    private static readonly InsertManyOptions Unordered = new() { IsOrdered = false };

    private readonly Lock _lock = new();
    private readonly Queue<PendingInsert> _pending = new();
    private int _activeCalls;

    /// <returns>False when a run with the same id exists.</returns>
    public Task<bool> Insert(Run run, long characterCount, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        var pending = new PendingInsert(run, characterCount, cancellationToken);
        lock (_lock)
        {
            _pending.Enqueue(pending);
            if (_activeCalls == MaxConcurrentCalls)
            {
                return pending.Completion.WaitAsync(cancellationToken);
            }

            _activeCalls++;
        }

        _ = DrainQueue();
        return pending.Completion.WaitAsync(cancellationToken);
    }

    private async Task DrainQueue()
    {
        while (DequeueBatch() is { Count: > 0 } batch)
        {
            try
            {
                await runs.InsertManyAsync(batch.Select(pending => pending.Run), Unordered);
                batch.ForEach(pending => pending.Complete(true));
            }
            catch (MongoBulkWriteException<Run> exception) when (exception.WriteConcernError is null)
            {
                CompleteEach(batch, exception);
            }
            catch (Exception exception) when (batch.Count == 1 || MongoExceptions.IsTransient(exception))
            {
                batch.ForEach(pending => pending.Fail(exception));
            }
            catch (Exception)
            {
                await InsertOneByOne(batch); // an insert that cannot be written must not fail the others
            }
        }
    }

    private async Task InsertOneByOne(List<PendingInsert> batch)
    {
        foreach (var pending in batch)
        {
            try
            {
                await runs.InsertOneAsync(pending.Run);
                pending.Complete(true);
            }
            catch (MongoWriteException exception) when (MongoExceptions.IsDuplicateKey(exception))
            {
                pending.Complete(false);
            }
            catch (Exception exception)
            {
                pending.Fail(exception);
            }
        }
    }

    private static void CompleteEach(List<PendingInsert> batch, MongoBulkWriteException<Run> exception)
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

    // Returns an empty batch and decrements the active calls when no insert is pending.
    private List<PendingInsert> DequeueBatch()
    {
        var batch = new List<PendingInsert>();
        var characterCount = 0L;
        lock (_lock)
        {
            while (batch.Count < MaxRunsPerBatch && characterCount < MaxCharactersPerBatch && _pending.TryDequeue(out var pending))
            {
                if (!pending.IsCancelled)
                {
                    characterCount += pending.CharacterCount;
                    batch.Add(pending);
                }
            }

            if (batch.Count == 0)
            {
                _activeCalls--;
            }
        }

        return batch;
    }

    private sealed class PendingInsert(Run run, long characterCount, CancellationToken cancellationToken)
    {
        private readonly TaskCompletionSource<bool> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Run Run => run;

        public long CharacterCount => characterCount;

        public Task<bool> Completion => _completion.Task;

        /// <summary>Whether the caller has cancelled; checked before the insert is sent.</summary>
        public bool IsCancelled => cancellationToken.IsCancellationRequested;

        public void Complete(bool inserted) => _completion.TrySetResult(inserted);

        public void Fail(Exception exception) => _completion.TrySetException(exception);
    }
}
