using System.Globalization;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench;

/// <summary>What to measure, and how long.</summary>
internal sealed record BenchOptions
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

    public TimeSpan Window { get; private set; } = TimeSpan.FromSeconds(5);

    public TimeSpan WarmUp { get; private set; } = TimeSpan.FromSeconds(10);

    /// <summary>Creates that a subject has to have done before it is measured, if it can in six times <see cref="WarmUp"/>.</summary>
    public int WarmUpCreates { get; private set; } = 20_000;

    public int Rounds { get; private set; } = 3;

    public IReadOnlyList<int> Callers { get; private set; } = [1, 8, 64, 256];

    public IReadOnlyList<string> Subjects { get; private set; } = [.. Subject.All.Keys];

    /// <summary>Other builds of Runs, by name: the directory of each one's <c>Runs.Server.dll</c>.</summary>
    public IReadOnlyDictionary<string, string> Builds { get; private set; } = new Dictionary<string, string>();

    /// <summary>What a subject is, in a few words.</summary>
    public string DescriptionOf(string subject) =>
        Builds.ContainsKey(subject) ? "another build of Runs on RabbitMQ and MongoDB" : Subject.All[subject];

    public IReadOnlyList<string> Parts { get; private set; } = AllParts;

    public IReadOnlyList<int> ListSizes { get; private set; } = [10_000, 100_000];

    public string Out { get; private set; } = Path.Combine("docs", "benchmarks.md");

    /// <summary>The options as they were given.</summary>
    public string Given { get; private init; } = "";

    /// <exception cref="FormatException">They cannot be read.</exception>
    public static BenchOptions Read(string[] options)
    {
        var read = new BenchOptions { Given = string.Join(' ', options) };
        if (options.Contains("--quick"))
        {
            (read.Window, read.WarmUp, read.WarmUpCreates, read.Rounds) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), 0, 1);
            (read.Callers, read.ListSizes, read.Out) = ([1, 64], [2_000, 10_000], Path.Combine("artifacts", "bench", "benchmarks.md"));
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
                    read.Set(options[i], options.ElementAtOrDefault(++i) ?? throw new FormatException($"{options[i - 1]} has no value."));
                    break;
            }
        }

        return read;
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--seconds":
                Window = TimeSpan.FromSeconds(double.Parse(value, CultureInfo.InvariantCulture));
                break;
            case "--rounds":
                Rounds = int.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "--warm-up":
                WarmUp = TimeSpan.FromSeconds(double.Parse(value, CultureInfo.InvariantCulture));
                break;
            case "--callers":
                Callers = [.. value.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Order()];
                break;
            case "--subjects":
                Subjects = Known(value, Subject.All.Keys);
                break;
            case "--builds":
                Builds = value.Split(',').Select(build => build.Split('=', 2)).ToDictionary(build => build[0], build => Path.GetFullPath(build[^1]));
                if (Builds.FirstOrDefault(build => !File.Exists(Path.Combine(build.Value, Subject.Program))) is { Key: { } missing })
                {
                    throw new FormatException($"There is no {Subject.Program} where {missing} is said to be. Write --builds name=directory.");
                }

                break;
            case "--parts":
                Parts = Known(value, AllParts);
                break;
            case "--out":
                Out = value;
                break;
            default:
                throw new FormatException($"There is no option {name}.");
        }
    }

    private static List<string> Known(string value, IEnumerable<string> names)
    {
        var wanted = value.Split(',');
        return wanted.Except(names).FirstOrDefault() is { } unknown ? throw new FormatException($"There is no {unknown}.") : [.. names.Where(wanted.Contains)];
    }
}
