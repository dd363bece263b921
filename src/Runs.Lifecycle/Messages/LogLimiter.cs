namespace Runs.Lifecycle;

/// <summary>
/// Limits log entries to a number per second and counts those that it suppresses, so that messages that cost their
/// sender nothing cannot fill the disk. The limiters of System.Threading.RateLimiting ignore
/// <see cref="TimeProvider"/>, so a test cannot control their time.
/// </summary>
internal sealed class LogLimiter(int entriesPerSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long _second = long.MinValue;
    private int _entries;
    private int _suppressed;

    /// <summary>Whether an entry may be logged now.</summary>
    /// <param name="suppressed">The number of entries that were suppressed since the last one that was logged.</param>
    public bool TryAcquire(out int suppressed)
    {
        lock (_lock)
        {
            var second = clock.GetTimestamp() / clock.TimestampFrequency;
            if (second != _second)
            {
                (_second, _entries) = (second, 0);
            }

            if (_entries == entriesPerSecond)
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
