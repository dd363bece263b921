namespace Runs.Store;

/// <summary>
/// Limits log entries to a number per period and counts those that it suppresses, so that messages that cost their
/// sender nothing, and failures of every call, cannot fill the disk. The limiters of System.Threading.RateLimiting
/// ignore <see cref="TimeProvider"/>, so a test cannot control their time.
/// </summary>
/// <param name="maxEntries">The number of entries per period.</param>
/// <param name="period">The period. It begins with an entry that is logged.</param>
/// <param name="clock">The time.</param>
public sealed class LogLimiter(int maxEntries, TimeSpan period, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long? _periodStart;
    private int _entries;
    private int _suppressed;

    /// <summary>Whether an entry may be logged now.</summary>
    public bool TryAcquire() => TryAcquire(out _);

    /// <summary>Whether an entry may be logged now.</summary>
    /// <param name="suppressed">The number of entries that were suppressed since the last one that was logged.</param>
    public bool TryAcquire(out int suppressed)
    {
        lock (_lock)
        {
            if (_periodStart is not { } start || clock.GetElapsedTime(start) >= period)
            {
                (_periodStart, _entries) = (clock.GetTimestamp(), 0);
            }

            if (_entries == maxEntries)
            {
                _suppressed++;
                suppressed = 0;
                return false;
            }

            _entries++;
            (suppressed, _suppressed) = (_suppressed, 0);
            return true;
        }
    }
}
