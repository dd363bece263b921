using Runs.Store;

namespace Runs.Server;

/// <summary>
/// Pings the store at most once a second for all callers, because the health endpoints are open to anybody. The next ping begins after the last one has ended or timed out.
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
        await store.Ping(deadline.Token).WaitAsync(deadline.Token); // a driver may ignore the token: then its ping is abandoned
    }
}
