using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>The lives of agent runs that ended within a measured window.</summary>
/// <param name="Seconds">The length of the window.</param>
/// <param name="Lives">The durations of complete lives.</param>
/// <param name="Steps">The latencies of their requests, by the name of the step.</param>
internal sealed record AgentLifeResult(
    double Seconds,
    LatencyHistogram Lives,
    IReadOnlyDictionary<string, LatencyHistogram> Steps)
{
    private long _failed;

    /// <summary>The lives that ended early: with another response than expected, or with a broken connection.</summary>
    public long Failed => _failed;

    public double LivesPerSecond => Lives.Count / Seconds;

    public void RecordFailure() => Interlocked.Increment(ref _failed);
}
