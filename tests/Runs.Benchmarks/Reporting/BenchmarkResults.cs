using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Reporting;

/// <summary>All results. Those of parts that were not measured are empty.</summary>
internal sealed class BenchmarkResults
{
    public List<Sample> CreateSamples { get; set; } = [];

    public Dictionary<string, (long Accepted, long Stored)> AcceptedAndStored { get; set; } = [];

    public List<WireCost> Costs { get; } = [];

    public List<OperationResult> Operations { get; set; } = [];

    public List<(int Size, OperationResult Page)> ListPages { get; set; } = [];

    public OverloadResult? Overload { get; set; }

    public Dictionary<string, List<double>> StartupSeconds { get; set; } = [];

    /// <summary>The targets whose creates were measured, in the order of the first round.</summary>
    public List<string> Targets => [.. CreateSamples.Select(sample => sample.Target).Distinct()];

    public List<int> CallerCounts => [.. CreateSamples.Select(sample => sample.Callers).Distinct().Order()];

    public List<Sample> SamplesFor(string target, int callers) =>
        CreateSamples.FindAll(sample => sample.Target == target && sample.Callers == callers);

    /// <summary>The median of a metric over the rounds; NaN when there is none.</summary>
    public double Median(string target, int callers, Func<Sample, double> metric) =>
        SamplesFor(target, callers).Select(metric).Median();

    /// <summary>The median of <see cref="Ratios"/>.</summary>
    public double Ratio(string target, string other, int callers, Func<Sample, double> metric) =>
        Ratios(target, other, callers, metric).Median();

    /// <summary>
    /// The ratio of a metric of two targets for each round, in which both were measured shortly after each other.
    /// </summary>
    public IEnumerable<double> Ratios(string target, string other, int callers, Func<Sample, double> metric) =>
        SamplesFor(target, callers).Zip(SamplesFor(other, callers), (one, another) => metric(one) / metric(another));
}
