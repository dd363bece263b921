namespace Runs.Lifecycle;

/// <summary>
/// The due items whose processing failed in the last few seconds. They stay due, and are not processed again before
/// <see cref="RetryInterval"/>. Safe for concurrent use.
/// </summary>
internal sealed class RecentFailures<TKey>(TimeProvider clock)
    where TKey : struct
{
    /// <summary>The time after which an item is processed again.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    /// <summary>The number of items that are remembered. Beyond it, the oldest ones are forgotten.</summary>
    public const int MaxCount = 50_000;

    private readonly Lock _lock = new();
    private readonly Queue<(TKey Key, long At)> _order = new();
    private readonly HashSet<TKey> _keys = [];

    /// <summary>Adds an item whose processing has just failed.</summary>
    public void Add(TKey key)
    {
        lock (_lock)
        {
            if (_keys.Add(key))
            {
                _order.Enqueue((key, clock.GetTimestamp()));
            }

            if (_order.Count > MaxCount)
            {
                _keys.Remove(_order.Dequeue().Key);
            }
        }
    }

    /// <summary>Whether the processing of an item failed within <see cref="RetryInterval"/>.</summary>
    public bool Contains(TKey key)
    {
        lock (_lock)
        {
            while (_order.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At) >= RetryInterval)
            {
                _keys.Remove(_order.Dequeue().Key);
            }

            return _keys.Contains(key);
        }
    }
}
