using Runs.Store;

namespace Runs.Server;

/// <summary>
/// Asks the store whether it answers, once a second at most and once at a time, however many callers want to know: the health endpoints are open to anybody.
/// </summary>
internal sealed class StorePing(IRunStore store, TimeProvider clock)
{
    /// <summary>How long the store may take to answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task? _last;
    private long _begunAt;

    /// <summary>The outcome of the ping that is under way, or of one that began less than a second ago, or of a new one.</summary>
    public Task Ping(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_last is null || (_last.IsCompleted && clock.GetElapsedTime(_begunAt) >= Lifetime))
            {
                _begunAt = clock.GetTimestamp();
                _last = Task.Run(Begin, CancellationToken.None);
            }

            return _last.WaitAsync(cancellationToken);
        }
    }

    private async Task Begin()
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        await store.Ping(deadline.Token).WaitAsync(deadline.Token); // some waits of a driver know no token
    }
}
