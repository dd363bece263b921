using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Commands;

/// <summary>The options of the command <c>bench</c>.</summary>
internal sealed class BenchmarkCommandLine
{
    private readonly Option<double?> _seconds = CreateSeconds(
        "--seconds", "Seconds for which each sample is measured (3).");

    private readonly Option<int?> _rounds = CreateCount("--rounds", "Samples of each subject, taken in turns (5).");

    private readonly Option<double?> _warmUp = CreateSeconds(
        "--warm-up",
        "Seconds of load before the first sample of each subject (10); with fewer than 20,000 creates by then, up to six times as long.");

    private readonly Option<IReadOnlyList<int>?> _callers = new("--callers")
    {
        HelpName = "A,B",
        Description = "Numbers of concurrent callers that create runs (1,64,256).",
        CustomParser = ParseCounts,
    };

    private readonly Option<IReadOnlyList<string>?> _subjects = CreateNames(
        "--subjects", [.. BenchmarkSubject.Descriptions.Keys]);

    private readonly Option<IReadOnlyDictionary<string, string>?> _builds = new("--builds")
    {
        HelpName = "A=DIR,B=DIR",
        Description = "Other builds of Runs to measure beside this one: a name, and the directory of its Runs.Server.dll.",
        CustomParser = ParseBuilds,
    };

    private readonly Option<IReadOnlyList<string>?> _parts = CreateNames("--parts", BenchmarkParts.All);

    private readonly Option<int?> _appends = CreateCount(
        "--appends", "Appends after which the memory of the server is read (100,000).");

    private readonly Option<int?> _agents = CreateCount("--agents", "Agents that append at the same time (1,000).");

    private readonly Option<bool> _million = new("--million")
    {
        Description = "Measure the growth up to a million stored runs instead of 100,000.",
    };

    private readonly Option<string?> _against = new("--against")
    {
        HelpName = "FILE",
        Description = "The JSON file of an earlier result to compare with. The command fails if a figure got worse beyond noise.",
    };

    private readonly Option<int?> _tolerance = CreateCount(
        "--tolerance", "With --against: how much worse a figure may be before the command fails, in percent (5).");

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "A smoke test of a few minutes; writes under artifacts.",
    };

    private readonly Option<string?> _output = new("--out")
    {
        HelpName = "FILE",
        Description = "The file of the tables (docs/benchmarks.md); the chart and a JSON file with all samples go beside it.",
    };

    public IEnumerable<Option> Options =>
    [
        _seconds, _rounds, _warmUp, _callers, _subjects, _builds, _parts, _appends, _agents, _million,
        _against, _tolerance, _quick, _output,
    ];

    public BenchmarkOptions Read(ParseResult result)
    {
        var defaults = result.GetValue(_quick) ? BenchmarkOptions.Quick : BenchmarkOptions.Full;
        return defaults with
        {
            SampleDuration = ReadDuration(_seconds) ?? defaults.SampleDuration,
            Rounds = result.GetValue(_rounds) ?? defaults.Rounds,
            WarmUpDuration = ReadDuration(_warmUp) ?? defaults.WarmUpDuration,
            CallerCounts = result.GetValue(_callers) ?? defaults.CallerCounts,
            Subjects = result.GetValue(_subjects) ?? defaults.Subjects,
            Builds = result.GetValue(_builds) ?? defaults.Builds,
            Parts = result.GetValue(_parts) ?? defaults.Parts,
            Appends = result.GetValue(_appends) ?? defaults.Appends,
            Agents = result.GetValue(_agents) ?? defaults.Agents,
            Against = result.GetValue(_against),
            TolerancePercent = result.GetValue(_tolerance) ?? defaults.TolerancePercent,
            StoreSizes = result.GetValue(_million) ? [10_000, 1_000_000] : defaults.StoreSizes,
            OutputFile = result.GetValue(_output) ?? defaults.OutputFile,
            CommandLine = string.Join(' ', result.Tokens.Skip(1).Select(token => token.Value)),
        };

        TimeSpan? ReadDuration(Option<double?> option) =>
            result.GetValue(option) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static Option<double?> CreateSeconds(string name, string description) => new(name)
    {
        HelpName = "N",
        Description = description,
        CustomParser = ParseSeconds,
    };

    private static Option<int?> CreateCount(string name, string description) => new(name)
    {
        HelpName = "N",
        Description = description,
        CustomParser = result => CountParser.Parse(result),
    };

    private static Option<IReadOnlyList<string>?> CreateNames(string name, IReadOnlyList<string> known) => new(name)
    {
        HelpName = "A,B",
        Description = $"Any of {string.Join(", ", known)} (all).",
        CustomParser = result => ParseNames(result, known),
    };

    private static double? ParseSeconds(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0)
        {
            return seconds;
        }

        result.AddError($"'{text}' is not a number of seconds.");
        return null;
    }

    private static List<int>? ParseCounts(ArgumentResult result)
    {
        var counts = new List<int>();
        foreach (var text in SplitValue(result))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            {
                result.AddError($"'{text}' is not a number of callers.");
                return null;
            }

            counts.Add(count);
        }

        return [.. counts.Order()];
    }

    private static List<string>? ParseNames(ArgumentResult result, IReadOnlyList<string> known)
    {
        var wanted = SplitValue(result);
        if (wanted.Except(known).FirstOrDefault() is { } unknown)
        {
            result.AddError($"'{unknown}' is none of {string.Join(", ", known)}.");
            return null;
        }

        return [.. known.Where(wanted.Contains)];
    }

    private static Dictionary<string, string>? ParseBuilds(ArgumentResult result)
    {
        var builds = new Dictionary<string, string>();
        foreach (var build in SplitValue(result))
        {
            var (name, directory) = build.Split('=', 2) is [var first, var second] ? (first, Path.GetFullPath(second)) : (build, "");
            if (!File.Exists(Path.Combine(directory, BenchmarkSubject.ServerAssembly)) || !builds.TryAdd(name, directory))
            {
                result.AddError($"'{build}' is not NAME=DIR with a {BenchmarkSubject.ServerAssembly} in DIR and a NAME of its own.");
                return null;
            }
        }

        return builds;
    }

    private static string[] SplitValue(ArgumentResult result) => result.Tokens[0].Value.Split(',');
}
