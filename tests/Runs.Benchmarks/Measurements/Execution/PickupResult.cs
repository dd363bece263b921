namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>Creates whose runs an idle worker has claimed.</summary>
/// <param name="Subject">The name of the subject.</param>
/// <param name="Milliseconds">For each create: from its 202 until the claim was answered with its run.</param>
internal sealed record PickupResult(string Subject, IReadOnlyList<double> Milliseconds);
