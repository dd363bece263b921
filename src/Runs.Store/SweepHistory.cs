namespace Runs.Store;

/// <summary>
/// Tells what a crash left behind from what some process is still working on, without comparing a stored time with a clock: what is unchanged in sweeps that are some time of
/// this process's monotonic clock apart. What the first sweep finds was there before the process began, and counts at once.
/// </summary>
internal sealed class SweepHistory(TimeProvider clock, TimeSpan age)
{
    // More than this has its turn when these are done.
    private const int MaxRemembered = 100_000;

    private Dictionary<Guid, (long Version, long Since)> _before = [];
    private Dictionary<Guid, (long Version, long Since)> _found = [];
    private bool _isFirst = true;

    /// <summary>Begins a sweep. One that was not ended is forgotten.</summary>
    public void Begin() => _found = [];

    /// <summary>Whether what was found has been as it is for long enough.</summary>
    /// <param name="id">What was found.</param>
    /// <param name="version">How it is: changes whenever somebody begins to work on it anew.</param>
    public bool IsLeftBehind(Guid id, long version)
    {
        var since = _before.TryGetValue(id, out var earlier) && earlier.Version == version ? earlier.Since : clock.GetTimestamp();
        if (_found.Count < MaxRemembered)
        {
            _found[id] = (version, since);
        }

        return _isFirst || clock.GetElapsedTime(since) >= age;
    }

    /// <summary>Ends a sweep that has seen everything there is.</summary>
    public void End() => (_before, _isFirst) = (_found, false);
}
