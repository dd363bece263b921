using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>Creates whose runs an idle worker has claimed.</summary>
/// <param name="Subject">The name of the subject.</param>
/// <param name="Latencies">From the 202 of each create until the claim was answered with its run.</param>
internal sealed record PickupResult(string Subject, LatencyHistogram Latencies);
