namespace Runs.Store;

/// <summary>
/// Distinguishes entries that a crash has orphaned from entries that a process is still working on. It does not compare
/// a stored time with a clock: an entry is orphaned when its version is unchanged across sweeps that are at least
/// <paramref name="minimumAge"/> apart on this process's monotonic clock. Entries of the first sweep existed before the
/// process started and are orphaned at once.
/// </summary>
/// <param name="clock">Measures the time between sweeps.</param>
/// <param name="minimumAge">How long an entry must be unchanged.</param>
internal sealed class OrphanDetector(TimeProvider clock, TimeSpan minimumAge)
{
    // Bounds the memory. Further entries are tracked once the tracked ones are processed.
    private const int MaxTracked = 100_000;

    private Dictionary<Guid, (long Version, long Since)> _previousSweep = [];
    private Dictionary<Guid, (long Version, long Since)> _currentSweep = [];
    private bool _isFirstSweep = true;

    /// <summary>Begins a sweep and discards a sweep that was not completed.</summary>
    public void BeginSweep() => _currentSweep = [];

    /// <summary>
    /// Records an entry of the current sweep and returns whether it has been unchanged for the minimum age.
    /// </summary>
    /// <param name="id">The id of the entry.</param>
    /// <param name="version">
    /// The version of the entry; it changes whenever a process starts new work on the entry.
    /// </param>
    public bool IsOrphaned(Guid id, long version)
    {
        var since = _previousSweep.TryGetValue(id, out var earlier) && earlier.Version == version ? earlier.Since : clock.GetTimestamp();
        if (_currentSweep.Count < MaxTracked)
        {
            _currentSweep[id] = (version, since);
        }

        return _isFirstSweep || clock.GetElapsedTime(since) >= minimumAge;
    }

    /// <summary>Completes a sweep that has seen all entries.</summary>
    public void CompleteSweep() => (_previousSweep, _isFirstSweep) = (_currentSweep, false);
}
