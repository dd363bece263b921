using Runs.Benchmarks.Comparison;

namespace Runs.Benchmarks.Tests;

/// <summary>Creates figures and results.</summary>
internal static class TestFigures
{
    /// <summary>A rate that is relative to a baseline.</summary>
    public static Figure Rate(params double[] samples) => new()
    {
        Name = "creates: rate, of baseline",
        Unit = "ratio",
        HigherIsBetter = true,
        IsComparable = true,
        Samples = samples,
    };

    public static BenchmarkResultFile Result(params Figure[] figures) => new()
    {
        SchemaVersion = BenchmarkResultFile.CurrentSchemaVersion,
        MeasuredAt = new DateTimeOffset(2026, 9, 1, 2, 0, 0, TimeSpan.Zero),
        Build = "0.1.0",
        Command = "make bench",
        Machine = ["two cores"],
        PartSeconds = new Dictionary<string, double> { ["creates"] = 1.5 },
        Goals = [new GoalResult("creates/s, of the baseline", Measured: null, Limit: 1.5, Result: "not measured")],
        Figures = figures,
    };
}
