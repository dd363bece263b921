using Runs.Benchmarks.Subjects;

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
        StoreSizes = [2_000, 10_000],
        Appends = 2_000,
        FirstCreates = 1_000,
        Agents = 100,
        Workers = 100,
        PollDuration = TimeSpan.FromSeconds(3),
        ReadyRunCounts = [10_000],
        Schedules = 500,
        OutputFile = Path.Combine("artifacts", "bench", "benchmarks.md"),
    };

    public TimeSpan SampleDuration { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan WarmUpDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Creates that a subject must have done before it is measured, unless that takes more than six times
    /// <see cref="WarmUpDuration"/>.
    /// </summary>
    public int MinWarmUpCreates { get; init; } = 20_000;

    public int Rounds { get; init; } = 5;

    /// <summary>The numbers of concurrent callers that create runs.</summary>
    public IReadOnlyList<int> CallerCounts { get; init; } = [1, 64, 256];

    /// <summary>The subjects whose creates are measured.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [.. BenchmarkSubject.Descriptions.Keys];

    /// <summary>Other builds of Runs by name, each with the directory of its <c>Runs.Server.dll</c>.</summary>
    public IReadOnlyDictionary<string, string> Builds { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Parts { get; init; } = BenchmarkParts.All;

    /// <summary>The numbers of stored runs with which lists, creates and appends are measured.</summary>
    public IReadOnlyList<int> StoreSizes { get; init; } = [10_000, 100_000];

    /// <summary>The appends after which the memory of the server is read.</summary>
    public int Appends { get; init; } = 100_000;

    /// <summary>The agents that append at the same time.</summary>
    public int Agents { get; init; } = 1_000;

    /// <summary>The workers that poll for runs, or that hold runs, at the same time.</summary>
    public int Workers { get; init; } = 1_000;

    /// <summary>How long a poll of a worker without work lasts.</summary>
    public TimeSpan PollDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The numbers of ready runs in a pool that is read.</summary>
    public IReadOnlyList<int> ReadyRunCounts { get; init; } = [10_000, 1_000_000];

    /// <summary>The schedules that are due at the same time.</summary>
    public int Schedules { get; init; } = 10_000;

    /// <summary>The first creates of a new process whose rate is compared with the rate after them.</summary>
    public int FirstCreates { get; init; } = 20_000;

    public string OutputFile { get; init; } = Path.Combine("docs", "benchmarks.md");

    /// <summary>The file of an earlier result to compare with; null for none.</summary>
    public string? Against { get; init; }

    /// <summary>
    /// How much worse than <see cref="Against"/> a figure may be before the command fails, in percent.
    /// </summary>
    public int TolerancePercent { get; init; } = 5;

    /// <summary>The options as the user wrote them.</summary>
    public string CommandLine { get; init; } = "";

    public string DescribeSubject(string subject) => Builds.ContainsKey(subject)
        ? "another build of Runs on RabbitMQ and MongoDB"
        : BenchmarkSubject.Descriptions[subject];
}
