using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Reporting;

/// <summary>All that was measured. What was left out is empty.</summary>
internal sealed class BenchmarkResults
{
    public List<Sample> CreateSamples { get; set; } = [];

    public Dictionary<string, (long Answered, long Stored)> AcceptedAndStored { get; set; } = [];

    public List<WireCost> Costs { get; } = [];

    public List<OperationResult> Operations { get; set; } = [];

    public List<(int Size, OperationResult Page)> ListPages { get; set; } = [];

    public OverloadResult? Overload { get; set; }

    public Dictionary<string, List<double>> StartupSeconds { get; set; } = [];

    /// <summary>The subjects that creates were measured of, in the order of the first round.</summary>
    public List<string> Targets => [.. CreateSamples.Select(sample => sample.Target).Distinct()];

    public List<int> CallerCounts => [.. CreateSamples.Select(sample => sample.Callers).Distinct().Order()];

    public List<Sample> SamplesFor(string target, int callers) => CreateSamples.FindAll(sample => sample.Target == target && sample.Callers == callers);

    /// <summary>The median of a figure over the rounds; not a number where there is none.</summary>
    public double Median(string target, int callers, Func<Sample, double> figure) => SamplesFor(target, callers).Select(figure).Median();

    /// <summary>One subject's figure in terms of another's: the median over the rounds, in each of which both were measured shortly after each other.</summary>
    public double Ratio(string subject, string other, int callers, Func<Sample, double> figure) =>
        Ratios(subject, other, callers, figure).Median();

    /// <summary>The same of each round.</summary>
    public IEnumerable<double> Ratios(string subject, string other, int callers, Func<Sample, double> figure) =>
        SamplesFor(subject, callers).Zip(SamplesFor(other, callers), (one, another) => figure(one) / figure(another));
}
