using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>Claims through several API processes.</summary>
/// <param name="ApiProcesses">The number of API processes.</param>
/// <param name="Load">The claims over HTTP.</param>
/// <param name="Claims">The claims that the API processes have sent to the saga.</param>
/// <param name="Rejected">Those whose run another process had claimed before.</param>
internal sealed record ContentionResult(int ApiProcesses, LoadResult Load, long Claims, long Rejected)
{
    /// <summary>Rejected claims for each successful one.</summary>
    public double RejectedPerClaim => (double)Rejected / (Claims - Rejected);
}
