using Runs.Bench.Bench.Measurements;
using Runs.Bench.Bench.Wire;

namespace Runs.Bench.Bench.Figures;

/// <summary>All that was measured. What was left out is empty.</summary>
internal sealed class Results
{
    public List<Sample> Creates { get; set; } = [];

    public Dictionary<string, (long Answered, long Stored)> Kept { get; set; } = [];

    public List<WireCost> Costs { get; } = [];

    public List<Operation> Operations { get; set; } = [];

    public List<(int Size, Operation Page)> Lists { get; set; } = [];

    public OverloadResult? Overload { get; set; }

    public Dictionary<string, List<double>> Starts { get; set; } = [];

    /// <summary>The subjects that creates were measured of, in the order of the first round.</summary>
    public List<string> Subjects => [.. Creates.Select(sample => sample.Subject).Distinct()];

    public List<int> Callers => [.. Creates.Select(sample => sample.Callers).Distinct().Order()];

    public List<Sample> Of(string subject, int callers) => Creates.FindAll(sample => sample.Subject == subject && sample.Callers == callers);

    /// <summary>The median of a figure over the rounds; not a number where there is none.</summary>
    public double Median(string subject, int callers, Func<Sample, double> figure) => Of(subject, callers).Select(figure).Median();

    /// <summary>One subject's figure in terms of another's: the median over the rounds, in each of which both were measured shortly after each other.</summary>
    public double Ratio(string subject, string other, int callers, Func<Sample, double> figure) =>
        Ratios(subject, other, callers, figure).Median();

    /// <summary>The same of each round.</summary>
    public IEnumerable<double> Ratios(string subject, string other, int callers, Func<Sample, double> figure) =>
        Of(subject, callers).Zip(Of(other, callers), (one, another) => figure(one) / figure(another));
}
