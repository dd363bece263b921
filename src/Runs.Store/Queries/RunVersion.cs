namespace Runs.Store;

/// <summary>
/// The version of a run and of its log. As long as it is unchanged, the run and its log are unchanged. It can be read
/// without reading the whole run.
/// </summary>
/// <param name="Version">The run's <see cref="Run.Version"/>.</param>
/// <param name="LatestEventId">The run's <see cref="Run.LatestEventId"/>.</param>
public readonly record struct RunVersion(long Version, long LatestEventId)
{
    /// <summary>Returns the version of <paramref name="run"/> as it was read.</summary>
    public static RunVersion From(Run run) => new(run.Version, run.LatestEventId);
}
