using Runs.Store;

namespace Runs.Server.Health;

/// <summary>
/// Pings the store at most once a second for all callers, because the health endpoints require no credential. The next
/// ping starts after the previous one has ended or timed out.
/// </summary>
internal sealed class StorePing(IRunStore store, TimeProvider clock)
{
    /// <summary>The timeout of a ping.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ResultLifetime = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task? _last;
    private long _startedAt;

    /// <summary>
    /// The result of the ping in progress, or of one that started less than a second ago, or of a new one.
    /// </summary>
    public Task Ping(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_last is null || (_last.IsCompleted && clock.GetElapsedTime(_startedAt) >= ResultLifetime))
            {
                _startedAt = clock.GetTimestamp();
                _last = Task.Run(PingStore, CancellationToken.None);
            }

            return _last.WaitAsync(cancellationToken);
        }
    }

    private async Task PingStore()
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        await store.Ping(deadline.Token).WaitAsync(deadline.Token); // if a driver ignores the token, its ping is abandoned
    }
}
