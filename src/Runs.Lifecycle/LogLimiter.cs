namespace Runs.Lifecycle;

/// <summary>Allows so many log entries a second, and counts the others. What causes the entries costs its sender nothing, and must not fill the disk.</summary>
internal sealed class LogLimiter(int entriesPerSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long _second = long.MinValue;
    private int _entries;
    private int _notLogged;

    /// <summary>Whether an entry may be logged now.</summary>
    /// <param name="notLogged">How many were not, since the last one that was.</param>
    public bool TryAcquire(out int notLogged)
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
                _notLogged++;
                notLogged = 0;
                return false;
            }

            _entries++;
            (notLogged, _notLogged) = (_notLogged, 0);
            return true;
        }
    }
}
