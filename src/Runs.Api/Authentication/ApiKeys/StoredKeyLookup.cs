using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Looks up keys in the store, in batches: one read at a time, at most 100 a second, each for up to 1,000 of the
/// prefixes requested meanwhile. A flood of made-up prefixes costs the store little and does not delay stored keys
/// much, even in a process that has just started. Prefixes that had a key at their last lookup are read first. At most
/// 20,000 other prefixes are queued. More fail, and their requests get 503.
/// </summary>
internal sealed class StoredKeyLookup(IApiKeyStore store, TimeProvider clock)
{
    private const int MaxPrefixesPerRead = 1_000;
    private const int MaxQueuedLookups = 20_000;

    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(10);

    // Bounds how long an unanswered read delays the reads after it.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    // At most one entry for each stored key.
    private readonly Queue<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> _knownLookups = [];

    private readonly Queue<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> _unknownLookups = [];
    private bool _isReading;

    /// <summary>Finds the key with this prefix, or null.</summary>
    /// <param name="prefix">The key's prefix.</param>
    /// <param name="isKnown">
    /// Whether the last lookup found a key with this prefix. The caller has at most one such lookup for each
    /// prefix at a time.
    /// </param>
    /// <exception cref="StoreUnavailableException">
    /// The store does not answer, or too many lookups are queued.
    /// </exception>
    public Task<ApiKeyRecord?> Find(string prefix, bool isKnown)
    {
        var found = new TaskCompletionSource<ApiKeyRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!isKnown && _unknownLookups.Count >= MaxQueuedLookups)
            {
                return Task.FromException<ApiKeyRecord?>(new StoreUnavailableException("Too many API key lookups are queued.", null));
            }

            (isKnown ? _knownLookups : _unknownLookups).Enqueue((prefix, found));
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
            await Task.Delay(ReadInterval, clock);
        }
    }

    private List<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> DequeueBatch()
    {
        var lookups = new List<(string, TaskCompletionSource<ApiKeyRecord?>)>();
        lock (_lock)
        {
            while (lookups.Count < MaxPrefixesPerRead
                && (_knownLookups.TryDequeue(out var lookup) || _unknownLookups.TryDequeue(out lookup)))
            {
                lookups.Add(lookup);
            }

            _isReading = lookups.Count > 0;
        }

        return lookups;
    }

    private async Task ReadBatch(List<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> lookups)
    {
        using var deadline = new CancellationTokenSource(ReadTimeout, clock);
        try
        {
            var found = await store.Find([.. lookups.Select(lookup => lookup.Prefix).Distinct()], deadline.Token).WaitAsync(deadline.Token);
            var keys = found.ToDictionary(key => key.Prefix);
            lookups.ForEach(lookup => lookup.Found.TrySetResult(keys.GetValueOrDefault(lookup.Prefix)));
        }
        catch (Exception exception)
        {
            var error = exception is OperationCanceledException
                ? new StoreUnavailableException($"The keys were not read within {ReadTimeout}.", exception)
                : exception;
            lookups.ForEach(lookup => lookup.Found.TrySetException(error));
        }
    }
}
