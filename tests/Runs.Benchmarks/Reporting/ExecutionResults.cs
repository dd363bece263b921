using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Measurements.Execution;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Reporting;

/// <summary>The results of the parts about execution. Those of parts that were not measured are empty.</summary>
internal sealed class ExecutionResults
{
    public SampleSet Claims { get; set; } = new();

    public List<WireCost> ClaimCosts { get; set; } = [];

    public List<PickupResult> Pickups { get; set; } = [];

    public List<ContentionResult> Contention { get; set; } = [];

    public List<ClaimPoolResult> ClaimPools { get; set; } = [];

    public List<WorkerLoadResult> Workers { get; set; } = [];

    public List<ScheduleResult> Schedules { get; set; } = [];
}
