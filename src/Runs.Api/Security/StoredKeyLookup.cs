using Runs.Store;

namespace Runs.Api.Security;

/// <summary>
/// Looks up keys in the store: one read at a time, for all prefixes that were asked for meanwhile. So a flood of made-up prefixes costs the store no more than some reads a
/// second, and a key that exists is found beside it, also by a process that has just begun.
/// </summary>
internal sealed class StoredKeyLookup(IApiKeyStore store, TimeProvider clock)
{
    private const int MaxPrefixes = 1_000;
    private const int MaxWaiting = 20_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    // A read that is not answered must not hold up those after it for long.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Queue<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> _waiting = [];
    private bool _isReading;

    /// <summary>The key with this prefix, or null.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer, or too many calls wait for it.</exception>
    public Task<ApiKeyRecord?> Find(string prefix)
    {
        var found = new TaskCompletionSource<ApiKeyRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_waiting.Count >= MaxWaiting)
            {
                return Task.FromException<ApiKeyRecord?>(new StoreUnavailableException("Too many calls with unknown API keys.", null));
            }

            _waiting.Enqueue((prefix, found));
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
            await Task.Delay(Pause, clock);
        }
    }

    private List<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> Take()
    {
        var calls = new List<(string, TaskCompletionSource<ApiKeyRecord?>)>();
        lock (_lock)
        {
            while (calls.Count < MaxPrefixes && _waiting.TryDequeue(out var call))
            {
                calls.Add(call);
            }

            _isReading = calls.Count > 0;
        }

        return calls;
    }

    private async Task Read(List<(string Prefix, TaskCompletionSource<ApiKeyRecord?> Found)> calls)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        try
        {
            var found = await store.Find([.. calls.Select(call => call.Prefix).Distinct()], deadline.Token).WaitAsync(deadline.Token);
            var keys = found.ToDictionary(key => key.Prefix);
            calls.ForEach(call => call.Found.TrySetResult(keys.GetValueOrDefault(call.Prefix)));
        }
        catch (Exception failure)
        {
            var told = failure is OperationCanceledException ? new StoreUnavailableException($"The keys were not read within {Timeout}.", failure) : failure;
            calls.ForEach(call => call.Found.TrySetException(told));
        }
    }
}
