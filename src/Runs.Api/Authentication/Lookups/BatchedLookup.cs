using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Looks up the records of credentials in the store, in batches: one read at a time, at most 100 a second, each for up
/// to 1,000 of the keys requested meanwhile. A flood of made-up keys costs the store little and does not delay stored
/// records much, even in a process that has just started. Keys that had a record at their last lookup are read first.
/// At most 20,000 other keys are queued. More fail, and their requests get 503.
/// </summary>
/// <param name="subject">The records, for error texts.</param>
/// <param name="read">Reads the records with these keys, and omits keys without one.</param>
/// <param name="getKey">Returns the key of a record.</param>
internal abstract class BatchedLookup<TKey, TRecord>(
    string subject,
    Func<IReadOnlyCollection<TKey>, CancellationToken, Task<IReadOnlyList<TRecord>>> read,
    Func<TRecord, TKey> getKey)
    where TKey : notnull
    where TRecord : class
{
    private const int MaxKeysPerRead = 1_000;
    private const int MaxQueuedLookups = 20_000;

    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(10);

    // Bounds how long an unanswered read delays the reads after it.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    // At most one entry for each stored record.
    private readonly Queue<(TKey Key, TaskCompletionSource<TRecord?> Found)> _knownLookups = [];

    private readonly Queue<(TKey Key, TaskCompletionSource<TRecord?> Found)> _unknownLookups = [];
    private bool _isReading;

    /// <summary>Finds the record with this key, or null.</summary>
    /// <param name="key">The key of the record.</param>
    /// <param name="isKnown">
    /// Whether the last lookup found a record with this key. The caller has at most one such lookup for each key
    /// at a time.
    /// </param>
    /// <exception cref="StoreUnavailableException">
    /// The store does not answer, or too many lookups are queued.
    /// </exception>
    public Task<TRecord?> Find(TKey key, bool isKnown)
    {
        var found = new TaskCompletionSource<TRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!isKnown && _unknownLookups.Count >= MaxQueuedLookups)
            {
                return Task.FromException<TRecord?>(new StoreUnavailableException($"Too many lookups of {subject} are queued.", null));
            }

            (isKnown ? _knownLookups : _unknownLookups).Enqueue((key, found));
            if (!_isReading)
            {
                _isReading = true;
                _ = Task.Run(DrainQueue);
            }
        }

        return found.Task;
    }

    private async Task DrainQueue()
    {
        while (DequeueBatch() is { Count: > 0 } lookups)
        {
            await ReadBatch(lookups);
            await Task.Delay(ReadInterval); // real time, also where a test sets the clock
        }
    }

    private List<(TKey Key, TaskCompletionSource<TRecord?> Found)> DequeueBatch()
    {
        var lookups = new List<(TKey, TaskCompletionSource<TRecord?>)>();
        lock (_lock)
        {
            while (lookups.Count < MaxKeysPerRead
                && (_knownLookups.TryDequeue(out var lookup) || _unknownLookups.TryDequeue(out lookup)))
            {
                lookups.Add(lookup);
            }

            _isReading = lookups.Count > 0;
        }

        return lookups;
    }

    private async Task ReadBatch(List<(TKey Key, TaskCompletionSource<TRecord?> Found)> lookups)
    {
        using var deadline = new CancellationTokenSource(ReadTimeout);
        try
        {
            var found = await read([.. lookups.Select(lookup => lookup.Key).Distinct()], deadline.Token).WaitAsync(deadline.Token);
            var records = found.ToDictionary(getKey);
            lookups.ForEach(lookup => lookup.Found.TrySetResult(records.GetValueOrDefault(lookup.Key)));
        }
        catch (Exception exception)
        {
            var error = exception is OperationCanceledException
                ? new StoreUnavailableException($"The {subject} were not read within {ReadTimeout}.", exception)
                : exception;
            lookups.ForEach(lookup => lookup.Found.TrySetException(error));
        }
    }
}
