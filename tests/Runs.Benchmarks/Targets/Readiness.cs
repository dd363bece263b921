using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Targets;

/// <summary>How to see that a target is ready.</summary>
/// <param name="Request">The request to send.</param>
/// <param name="ExpectedStatus">The status code of its response when the target is ready.</param>
internal sealed record Readiness(RequestTemplate Request, int ExpectedStatus);
