using Runs.Benchmarks.Measurements;

namespace Runs.Benchmarks.Reporting;

/// <summary>The results of the parts about execution. Those of parts that were not measured are empty.</summary>
internal sealed class ExecutionResults
{
    public SampleSet Claims { get; set; } = new();
}
