using System.Diagnostics;

namespace Runs.Store.Mongo;

/// <summary>
/// Gathers concurrent calls into batches, so that they share a round trip and a journal flush. A single caller does not
/// wait: calls are queued for the next batch only while the maximum number of batches is active.
/// </summary>
/// <param name="execute">
/// Completes or fails each call of a batch. If it throws, the calls that it has left open fail with the exception. If
/// that is not transient and there are several calls, one of them may be the cause: they are executed one by one first.
/// </param>
/// <param name="clock">Measures <paramref name="maxSlotTime"/>.</param>
/// <param name="maxSlotTime">
/// How long an active batch counts. A batch whose connection no longer answers, or whose calls are large, does not hold
/// up the others for longer; its own calls wait on.
/// </param>
/// <param name="maxConcurrentBatches">By default, one is in transit while the database processes the other.</param>
/// <param name="maxCallsPerBatch">Bounds how long the first call of a batch waits for the last.</param>
internal sealed class CallBatcher<TArgument, TResult>(
    Func<IReadOnlyList<BatchedCall<TArgument, TResult>>, Task> execute, TimeProvider clock, TimeSpan maxSlotTime,
    int maxConcurrentBatches = 2, int maxCallsPerBatch = 128)
{
    // Bounds the size of the message.
    private const long MaxCharactersPerBatch = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly LinkedList<BatchedCall<TArgument, TResult>> _pending = new();
    private int _activeBatches;
    private int _openScopes;

    /// <summary>
    /// Executes the call in a batch. A call that is cancelled before it is sent leaves the queue at once; one that was
    /// sent stays in its batch.
    /// </summary>
    public Task<TResult> Execute(TArgument argument, long characterCount, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TResult>(cancellationToken);
        }

        var call = new BatchedCall<TArgument, TResult>(argument, characterCount, cancellationToken);
        LinkedListNode<BatchedCall<TArgument, TResult>> entry;
        lock (_lock)
        {
            entry = _pending.AddLast(call);
            if (_openScopes > 0 || _activeBatches == maxConcurrentBatches)
            {
                return WaitForResult(entry, cancellationToken);
            }

            _activeBatches++;
        }

        _ = ExecutePending();
        return WaitForResult(entry, cancellationToken);
    }

    /// <summary>
    /// Holds calls back until the scope is disposed, so that several that follow each other immediately share a batch.
    /// The end of any scope releases the calls of all, so none waits for another one's.
    /// </summary>
    public IDisposable Gather()
    {
        lock (_lock)
        {
            _openScopes++;
        }

        return new GatheringScope(this);
    }

    // While the store is unavailable, nothing is dequeued: cancelled calls would accumulate.
    private async Task<TResult> WaitForResult(LinkedListNode<BatchedCall<TArgument, TResult>> entry, CancellationToken cancellationToken)
    {
        try
        {
            return await entry.Value.Completion.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                entry.List?.Remove(entry);
            }

            throw;
        }
    }

    private void EndGathering()
    {
        lock (_lock)
        {
            _openScopes--;
            if (_pending.Count == 0 || _activeBatches == maxConcurrentBatches)
            {
                return;
            }

            _activeBatches++;
        }

        _ = ExecutePending();
    }

    private async Task ExecutePending()
    {
        while (DequeueBatch() is { Count: > 0 } batch)
        {
            await ExecuteBatch(batch).WaitAsync(maxSlotTime, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ExecuteBatch(List<BatchedCall<TArgument, TResult>> batch)
    {
        // The span of the batch belongs to a call in it, and not to the one that has started the loop.
        Activity.Current = (batch.Find(call => call.Activity is { Recorded: true }) ?? batch[0]).Activity;
        try
        {
            await execute(batch);
        }
        catch (Exception exception) when (batch.Count > 1 && !MongoExceptions.IsTransient(exception))
        {
            await ExecuteOneByOne(batch);
        }
        catch (Exception exception)
        {
            batch.ForEach(call => call.Fail(exception));
        }
    }

    // After a transient failure the rest fails with it, unsent: otherwise each call would wait for its own timeout.
    private async Task ExecuteOneByOne(List<BatchedCall<TArgument, TResult>> batch)
    {
        Exception? outage = null;
        foreach (var call in batch.Where(call => !call.Completion.IsCompleted))
        {
            if (outage is not null)
            {
                call.Fail(outage);
                continue;
            }

            try
            {
                await execute([call]);
            }
            catch (Exception exception)
            {
                call.Fail(exception);
                outage = MongoExceptions.IsTransient(exception) ? exception : null;
            }
        }
    }

    // Returns an empty batch and decrements the active batches when no call is pending.
    private List<BatchedCall<TArgument, TResult>> DequeueBatch()
    {
        var batch = new List<BatchedCall<TArgument, TResult>>();
        var characterCount = 0L;
        lock (_lock)
        {
            while (batch.Count < maxCallsPerBatch && characterCount < MaxCharactersPerBatch && _pending.First is { Value: var call })
            {
                _pending.RemoveFirst();
                if (!call.IsCancelled)
                {
                    characterCount += call.CharacterCount;
                    batch.Add(call);
                }
            }

            if (batch.Count == 0)
            {
                _activeBatches--;
            }
        }

        return batch;
    }

    private sealed class GatheringScope(CallBatcher<TArgument, TResult> batcher) : IDisposable
    {
        public void Dispose() => batcher.EndGathering();
    }
}
