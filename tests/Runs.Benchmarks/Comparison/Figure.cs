using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Comparison;

/// <summary>A measured figure with its sample of each round.</summary>
internal sealed record Figure
{
    /// <summary>
    /// Names the figure in every result: the part, the operation, the subject, the callers, the metric.
    /// </summary>
    public required string Name { get; init; }

    public required string Unit { get; init; }

    /// <summary>Whether a higher value is better; otherwise a lower one is.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>
    /// Whether figures of different executions may be compared: the figure is relative to another one of the same
    /// round, or does not depend on the speed of the machine. Others move with the machine's load.
    /// </summary>
    public required bool IsComparable { get; init; }

    public required IReadOnlyList<double> Samples { get; init; }

    public double Median() => Samples.Median();
}
