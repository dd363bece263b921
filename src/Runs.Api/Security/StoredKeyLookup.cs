using Runs.Store;

namespace Runs.Api.Security;

/// <summary>
/// Looks up keys in the store. One read at a time, and at most 100 a second, each for up to 1,000 of the prefixes that were asked for meanwhile: a flood of made-up prefixes
/// costs the store little and does not hide a stored key, also in a process that has just started. Prefixes that had a key when they were last looked up are read first. Of
/// the others, at most 20,000 are queued; more fail, and are answered 503.
/// </summary>
internal sealed class StoredKeyLookup(IApiKeyStore store, TimeProvider clock)
{
    private const int MaxPrefixesPerRead = 1_000;
    private const int MaxQueuedLookups = 20_000;

    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(10);

    // A read that is not answered holds up the reads after it no longer than this.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Queue<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> _known = []; // one for each stored key at most
    private readonly Queue<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> _others = [];
    private bool _isReading;

    /// <summary>The key with this prefix, or null.</summary>
    /// <param name="prefix">The key's prefix.</param>
    /// <param name="isKnown">Whether there was a key with this prefix when it was last looked up. A caller asks for it once at a time.</param>
    /// <exception cref="StoreUnavailableException">The store does not answer, or too many lookups are queued.</exception>
    public Task<ApiKeyRecord?> Find(string prefix, bool isKnown)
    {
        var found = new TaskCompletionSource<ApiKeyRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!isKnown && _others.Count >= MaxQueuedLookups)
            {
                return Task.FromException<ApiKeyRecord?>(new StoreUnavailableException("Too many API key lookups are queued.", null));
            }

            (isKnown ? _known : _others).Enqueue((prefix, found));
            if (!_isReading)
            {
                _isReading = true;
                _ = Task.Run(ReadAll);
            }
        }

        return found.Task;
    }

    private async Task ReadAll()
    {
        while (Take() is { Count: > 0 } calls)
        {
            await Read(calls);
            await Task.Delay(ReadInterval, clock);
        }
    }

    private List<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> Take()
    {
        var calls = new List<(string, TaskCompletionSource<ApiKeyRecord?>)>();
        lock (_lock)
        {
            while (calls.Count < MaxPrefixesPerRead && (_known.TryDequeue(out var call) || _others.TryDequeue(out call)))
            {
                calls.Add(call);
            }

            _isReading = calls.Count > 0;
        }

        return calls;
    }

    private async Task Read(List<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> calls)
    {
        using var deadline = new CancellationTokenSource(ReadTimeout, clock);
        try
        {
            var found = await store.Find([.. calls.Select(call => call.Prefix).Distinct()], deadline.Token).WaitAsync(deadline.Token);
            var keys = found.ToDictionary(key => key.Prefix);
            calls.ForEach(call => call.Found.TrySetResult(keys.GetValueOrDefault(call.Prefix)));
        }
        catch (Exception failure)
        {
            var error = failure is OperationCanceledException ? new StoreUnavailableException($"The keys were not read within {ReadTimeout}.", failure) : failure;
            calls.ForEach(call => call.Found.TrySetException(error));
        }
    }
}
