namespace Runs.Benchmarks.Commands;

/// <summary>The parts of the benchmark, as the command line names them.</summary>
internal static class BenchmarkParts
{
    public const string Creates = "creates";
    public const string Costs = "costs";
    public const string Operations = "operations";
    public const string Lists = "lists";
    public const string Overload = "overload";
    public const string Starts = "starts";

    public static IReadOnlyList<string> All { get; } = [Creates, Costs, Operations, Lists, Overload, Starts];
}
