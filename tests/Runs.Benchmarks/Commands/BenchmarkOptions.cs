using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Commands;

/// <summary>What to measure, and for how long.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>The options of a full benchmark.</summary>
    public static BenchmarkOptions Full { get; } = new();

    /// <summary>The options of a smoke test.</summary>
    public static BenchmarkOptions Quick { get; } = new()
    {
        SampleDuration = TimeSpan.FromSeconds(1),
        WarmUpDuration = TimeSpan.FromSeconds(2),
        MinWarmUpCreates = 0,
        Rounds = 1,
        CallerCounts = [1, 64],
        ListSizes = [2_000, 10_000],
        OutputFile = Path.Combine("artifacts", "bench", "benchmarks.md"),
    };

    public TimeSpan SampleDuration { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan WarmUpDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Creates that a target must have done before it is measured, unless that takes more than six times
    /// <see cref="WarmUpDuration"/>.
    /// </summary>
    public int MinWarmUpCreates { get; init; } = 20_000;

    public int Rounds { get; init; } = 3;

    public IReadOnlyList<int> CallerCounts { get; init; } = [1, 8, 64, 256];

    public IReadOnlyList<string> Targets { get; init; } = [.. BenchmarkTarget.Descriptions.Keys];

    /// <summary>Other builds of Runs by name, each with the directory of its <c>Runs.Server.dll</c>.</summary>
    public IReadOnlyDictionary<string, string> Builds { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Parts { get; init; } = BenchmarkParts.All;

    public IReadOnlyList<int> ListSizes { get; init; } = [10_000, 100_000];

    public string OutputFile { get; init; } = Path.Combine("docs", "benchmarks.md");

    /// <summary>The options as the user wrote them.</summary>
    public string CommandLine { get; init; } = "";

    public string DescribeTarget(string target) => Builds.ContainsKey(target)
        ? "another build of Runs on RabbitMQ and MongoDB"
        : BenchmarkTarget.Descriptions[target];
}
