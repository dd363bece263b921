using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Reporting;

/// <summary>All results. Those of parts that were not measured are empty.</summary>
internal sealed class BenchmarkResults
{
    public SampleSet Creates { get; set; } = new();

    public Dictionary<string, (long Accepted, long Stored)> AcceptedAndStored { get; set; } = [];

    public List<WireCost> WireCosts { get; } = [];

    public SampleSet Reads { get; set; } = new();

    public SampleSet Appends { get; set; } = new();

    public AppendMemory? AppendMemory { get; set; }

    public SampleSet Growth { get; set; } = new();

    public SampleSet Streams { get; set; } = new();

    /// <summary>The delivery of events to open streams.</summary>
    public List<AgentLoadResult> Deliveries { get; set; } = [];

    public List<AgentLoadResult> Agents { get; set; } = [];

    public List<AgentLifeResult> AgentLives { get; set; } = [];

    public SampleSet ScaleOut { get; set; } = new();

    public SampleSet BrokerCluster { get; set; } = new();

    public OverloadResult? Overload { get; set; }

    public List<StartupSample> Startup { get; set; } = [];

    /// <summary>The execution of runs by workers.</summary>
    public ExecutionResults Execution { get; } = new();

    /// <summary>How long each part took, in the order of measurement.</summary>
    public List<(string Part, TimeSpan Duration)> PartDurations { get; } = [];

    /// <summary>The parts that ended with an exception.</summary>
    public List<string> FailedParts { get; } = [];

    /// <summary>The subjects whose creates were measured, in the order of the first round.</summary>
    public List<string> CreateSubjects => [.. Creates.Keys.Select(key => key.Subject).Distinct()];

    /// <summary>The numbers of callers that created runs.</summary>
    public List<int> CreateCallers => [.. Creates.Keys.Select(key => key.Callers).Distinct().Order()];

    public static SampleKey CreateKey(string subject, int callers) => new(CreateBenchmark.Operation, subject, callers);
}
