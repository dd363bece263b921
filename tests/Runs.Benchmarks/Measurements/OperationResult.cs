using Runs.Benchmarks.Load;
using Runs.Benchmarks.Reporting;

namespace Runs.Benchmarks.Measurements;

/// <summary>The samples of one operation, which were taken in turns with those of others.</summary>
/// <param name="Description">The operation.</param>
/// <param name="Callers">The number of concurrent callers.</param>
/// <param name="Loads">One load for each round.</param>
internal sealed record OperationResult(string Description, int Callers, List<LoadResult> Loads)
{
    public double PerSecond => Loads.Select(load => load.PerSecond).Median();

    public double Percentile(double quantile) => Loads.Select(load => load.Percentile(quantile)).Median();
}
