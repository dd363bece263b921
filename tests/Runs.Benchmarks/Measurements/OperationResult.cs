using Runs.Benchmarks.Load;
using Runs.Benchmarks.Reporting;

namespace Runs.Benchmarks.Measurements;

/// <summary>A row of the table of other operations: samples of one thing, taken in turns with others.</summary>
/// <param name="Description">What was asked.</param>
/// <param name="Callers">How many asked at a time.</param>
/// <param name="Loads">One of each round.</param>
internal sealed record OperationResult(string Description, int Callers, List<LoadResult> Loads)
{
    public double PerSecond => Loads.Select(load => load.PerSecond).Median();

    public double Percentile(double quantile) => Loads.Select(load => load.Percentile(quantile)).Median();
}
