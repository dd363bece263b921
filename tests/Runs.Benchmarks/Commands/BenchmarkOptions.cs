using System.Globalization;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Commands;

/// <summary>What to measure, and how long.</summary>
internal sealed record BenchmarkOptions
{
    public const string Usage = """
        usage: bench [options]
          --seconds N        how long each sample is measured (5)
          --rounds N         samples of each subject, taken in turns (3)
          --warm-up N        seconds of load before the first sample of each subject (10); with fewer than 20,000 creates by then, up to six times as long
          --callers A,B      how many ask at a time (1,8,64,256)
          --subjects A,B     of floor, textbook, ours, direct, embedded (all)
          --builds A=DIR,…   other builds of Runs to measure beside this one: a name, and the directory of its Runs.Server.dll
          --parts A,B        of creates, costs, operations, lists, overload, starts (all)
          --million          lists at a million runs, too
          --quick            a smoke test of a few minutes; writes under artifacts
          --out FILE         where the results go (docs/benchmarks.md); the chart goes beside it
        """;

    public static readonly string[] AllParts = ["creates", "costs", "operations", "lists", "overload", "starts"];

    public TimeSpan SampleDuration { get; private set; } = TimeSpan.FromSeconds(5);

    public TimeSpan WarmUpDuration { get; private set; } = TimeSpan.FromSeconds(10);

    /// <summary>Creates that a subject has to have done before it is measured, if it can in six times <see cref="WarmUpDuration"/>.</summary>
    public int MinWarmUpCreates { get; private set; } = 20_000;

    public int Rounds { get; private set; } = 3;

    public IReadOnlyList<int> CallerCounts { get; private set; } = [1, 8, 64, 256];

    public IReadOnlyList<string> Targets { get; private set; } = [.. BenchmarkTarget.Descriptions.Keys];

    /// <summary>Other builds of Runs, by name: the directory of each one's <c>Runs.Server.dll</c>.</summary>
    public IReadOnlyDictionary<string, string> Builds { get; private set; } = new Dictionary<string, string>();

    /// <summary>What a subject is, in a few words.</summary>
    public string DescribeTarget(string subject) =>
        Builds.ContainsKey(subject) ? "another build of Runs on RabbitMQ and MongoDB" : BenchmarkTarget.Descriptions[subject];

    public IReadOnlyList<string> Parts { get; private set; } = AllParts;

    public IReadOnlyList<int> ListSizes { get; private set; } = [10_000, 100_000];

    public string OutputFile { get; private set; } = Path.Combine("docs", "benchmarks.md");

    /// <summary>The options as they were given.</summary>
    public string CommandLine { get; private init; } = "";

    /// <exception cref="FormatException">They cannot be read.</exception>
    public static BenchmarkOptions Parse(string[] options)
    {
        var read = new BenchmarkOptions { CommandLine = string.Join(' ', options) };
        if (options.Contains("--quick"))
        {
            (read.SampleDuration, read.WarmUpDuration, read.MinWarmUpCreates, read.Rounds) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), 0, 1);
            (read.CallerCounts, read.ListSizes, read.OutputFile) = ([1, 64], [2_000, 10_000], Path.Combine("artifacts", "bench", "benchmarks.md"));
        }

        for (var i = 0; i < options.Length; i++)
        {
            switch (options[i])
            {
                case "--quick":
                    break;
                case "--help":
                    throw new FormatException("");
                case "--million":
                    read.ListSizes = [10_000, 1_000_000];
                    break;
                default:
                    read.SetOption(options[i], options.ElementAtOrDefault(++i) ?? throw new FormatException($"{options[i - 1]} has no value."));
                    break;
            }
        }

        return read;
    }

    private void SetOption(string name, string value)
    {
        switch (name)
        {
            case "--seconds":
                SampleDuration = TimeSpan.FromSeconds(double.Parse(value, CultureInfo.InvariantCulture));
                break;
            case "--rounds":
                Rounds = int.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "--warm-up":
                WarmUpDuration = TimeSpan.FromSeconds(double.Parse(value, CultureInfo.InvariantCulture));
                break;
            case "--callers":
                CallerCounts = [.. value.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Order()];
                break;
            case "--subjects":
                Targets = ParseNames(value, BenchmarkTarget.Descriptions.Keys);
                break;
            case "--builds":
                Builds = value.Split(',').Select(build => build.Split('=', 2)).ToDictionary(build => build[0], build => Path.GetFullPath(build[^1]));
                if (Builds.FirstOrDefault(build => !File.Exists(Path.Combine(build.Value, BenchmarkTarget.ServerAssembly))) is { Key: { } missing })
                {
                    throw new FormatException($"There is no {BenchmarkTarget.ServerAssembly} where {missing} is said to be. Write --builds name=directory.");
                }

                break;
            case "--parts":
                Parts = ParseNames(value, AllParts);
                break;
            case "--out":
                OutputFile = value;
                break;
            default:
                throw new FormatException($"There is no option {name}.");
        }
    }

    private static List<string> ParseNames(string value, IEnumerable<string> names)
    {
        var wanted = value.Split(',');
        return wanted.Except(names).FirstOrDefault() is { } unknown ? throw new FormatException($"There is no {unknown}.") : [.. names.Where(wanted.Contains)];
    }
}
