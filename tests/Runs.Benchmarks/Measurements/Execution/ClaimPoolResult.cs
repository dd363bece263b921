using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>Reads of a pool.</summary>
/// <param name="ReadyRuns">The runs in the pool.</param>
/// <param name="Reads">The durations of the reads.</param>
internal sealed record ClaimPoolResult(int ReadyRuns, LatencyHistogram Reads);
