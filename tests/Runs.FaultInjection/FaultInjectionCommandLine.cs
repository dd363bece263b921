using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Scenarios;

namespace Runs.FaultInjection;

/// <summary>The options of the command <c>torture</c>.</summary>
internal sealed class FaultInjectionCommandLine
{
    private readonly Option<Scenario> _scenario = new("--scenario")
    {
        HelpName = "NAME",
        Description = $"{string.Join("; ", Scenario.All.Select(known => $"{known.Name}: {known.Description}"))}.",
        CustomParser = ParseScenario,
        DefaultValueFactory = _ => FindScenario("R4")!,
    };

    private readonly Option<bool> _short = new("--short") { Description = "Two to three minutes instead of ten." };

    private readonly Option<int> _seed = new("--seed")
    {
        HelpName = "N",
        Description = "The seed: the same one gives the same schedule of load and faults.",
        CustomParser = ParseCount,
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<TimeSpan?> _duration = new("--duration")
    {
        HelpName = "90s|10m",
        Description = "How long the load takes (R4: 10m; short: 60s).",
        CustomParser = ParseDuration,
    };

    private readonly Option<int?> _creates = new("--creates")
    {
        HelpName = "N",
        Description = "Runs to create (R4: 20000; short: 800).",
        CustomParser = result => ParseCount(result),
    };

    private readonly Option<int> _callers = new("--callers")
    {
        HelpName = "N",
        Description = "Concurrent callers.",
        CustomParser = ParseCount,
        DefaultValueFactory = _ => 48,
    };

    private readonly Option<IReadOnlyList<FaultKind>> _faults = new("--faults")
    {
        HelpName = "A,B",
        Description = $"Only these kinds, for R4: {string.Join(", ", Enum.GetValues<FaultKind>().Select(Fault.FormatKind))}. "
            + "full-store only when it is named: it puts the data of the store on a small disk in memory.",
        CustomParser = ParseFaultKinds,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _sabotage = new("--sabotage")
    {
        Description = "Damage the database before the check: fails unless the check detects it.",
    };

    private readonly Option<IReadOnlyList<Uri>> _url = new("--url")
    {
        HelpName = "URL,URL",
        Description = "Load and checks on your own deployment, without faults: its addresses. Needs --rabbitmq and --mongodb.",
        CustomParser = ParseUrls,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _rabbitMq = new("--rabbitmq")
    {
        HelpName = "URL",
        Description = "The broker of your own deployment.",
    };

    private readonly Option<string?> _mongoDb = new("--mongodb")
    {
        HelpName = "URL",
        Description = "The store of your own deployment.",
    };

    private readonly Option<string?> _key = new("--key")
    {
        HelpName = "KEY",
        Description = "An API key of your own deployment.",
    };

    public IEnumerable<Option> Options =>
    [
        _scenario, _short, _seed, _duration, _creates, _callers, _faults, _sabotage, _url, _rabbitMq, _mongoDb, _key,
    ];

    public void Validate(CommandResult result)
    {
        var isOwnDeployment = result.GetResult(_url) is { Implicit: false };
        if (isOwnDeployment && (result.GetResult(_rabbitMq) is null || result.GetResult(_mongoDb) is null))
        {
            result.AddError("--url needs --rabbitmq and --mongodb.");
        }

        if (isOwnDeployment && result.GetValue(_sabotage))
        {
            result.AddError("--url and --sabotage exclude each other.");
        }
    }

    public FaultInjectionOptions Read(ParseResult result) => new()
    {
        Scenario = result.GetRequiredValue(_scenario),
        IsShort = result.GetValue(_short),
        IsSelfTest = result.GetValue(_sabotage),
        Seed = result.GetValue(_seed),
        Duration = result.GetValue(_duration),
        Creates = result.GetValue(_creates),
        Callers = result.GetValue(_callers),
        Faults = result.GetRequiredValue(_faults),
        Urls = result.GetRequiredValue(_url),
        RabbitMq = result.GetValue(_rabbitMq),
        MongoDb = result.GetValue(_mongoDb),
        Key = result.GetValue(_key),
    };

    private static Scenario? FindScenario(string name) =>
        Scenario.All.FirstOrDefault(scenario => scenario.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Scenario? ParseScenario(ArgumentResult result)
    {
        var name = result.Tokens[0].Value;
        if (FindScenario(name) is not { } scenario)
        {
            result.AddError($"'{name}' is none of {string.Join(", ", Scenario.All.Select(known => known.Name))}.");
            return null;
        }

        return scenario;
    }

    private static int ParseCount(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            result.AddError($"'{text}' is not a number.");
        }

        return count;
    }

    private static TimeSpan? ParseDuration(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var number = text.TrimEnd('s', 'm');
        if (text.Length - number.Length > 1 || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            result.AddError($"'{text}' is not a duration such as 90s or 10m.");
            return null;
        }

        return text.EndsWith('m') ? TimeSpan.FromMinutes(count) : TimeSpan.FromSeconds(count);
    }

    private static List<FaultKind>? ParseFaultKinds(ArgumentResult result)
    {
        var kinds = Enum.GetValues<FaultKind>().ToDictionary(Fault.FormatKind, StringComparer.OrdinalIgnoreCase);
        var selected = new List<FaultKind>();
        foreach (var name in result.Tokens[0].Value.Split(','))
        {
            if (!kinds.TryGetValue(name, out var kind))
            {
                result.AddError($"'{name}' is none of {string.Join(", ", kinds.Keys)}.");
                return null;
            }

            selected.Add(kind);
        }

        return selected;
    }

    private static List<Uri>? ParseUrls(ArgumentResult result)
    {
        var urls = new List<Uri>();
        foreach (var text in result.Tokens[0].Value.Split(','))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                result.AddError($"'{text}' is not an HTTP address.");
                return null;
            }

            urls.Add(url);
        }

        return urls;
    }
}
