using System.Globalization;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Scenarios;

namespace Runs.FaultInjection;

/// <summary>What is asked of a torture: how much load, which faults, and where.</summary>
internal sealed record FaultInjectionOptions
{
    public const string Usage = """
        usage: torture [options]
          --scenario NAME   R4 (default: everything at random), R1, R2, R3, R5, R8, R9, R11, R13, R17, R18, R19, R20, R24, fair, or none
          --short           two to three minutes instead of ten
          --seed N          the same schedule of load and faults again (1)
          --duration D      how long the load takes: 90s, 10m (R4: 10m; short: 60s)
          --creates N       runs to create (R4: 20000; short: 1500)
          --callers N       callers at work at a time (48)
          --faults A,B      only these kinds, for R4: kill-api, kill-lifecycle, kill-broker, kill-store, freeze-api, freeze-lifecycle,
                            freeze-broker, freeze-store, cut, latency, half-open, drop-replies, redeliver, memory-alarm, disk-alarm, slow-store,
                            full-store (only when it is named: it puts the store's data into a small disk in memory)
          --sabotage        damage the database before the check: fails unless the check finds it
          --url URLS        load and checks on a deployment of your own, no faults: its addresses with commas between, and with it
          --rabbitmq URL, --mongodb URL, --key KEY
        """;

    public string Scenario { get; init; } = "R4";

    public bool IsShort { get; init; }

    /// <summary>See <see cref="Torture.CorruptionSelfTest"/>.</summary>
    public bool IsSelfTest { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Null for the scenario's own; so are creates.</summary>
    public TimeSpan? Duration { get; init; }

    public int? Creates { get; init; }

    public int Callers { get; init; } = 48;

    /// <summary>Empty for all of them.</summary>
    public IReadOnlyList<FaultKind> Faults { get; init; } = [];

    /// <summary>The addresses of the user's own deployment; empty when the program starts one.</summary>
    public IReadOnlyList<Uri> Urls { get; init; } = [];

    public string? RabbitMq { get; init; }

    public string? MongoDb { get; init; }

    public string? Key { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It is not one; the message says what is wrong.</exception>
    public static FaultInjectionOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new FaultInjectionOptions { IsShort = arguments.Contains("--short"), IsSelfTest = arguments.Contains("--sabotage") };
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (name is "--short" or "--sabotage")
            {
                continue;
            }

            var value = ++i < arguments.Count ? arguments[i] : throw new FormatException($"{name} needs a value.");
            options = name switch
            {
                "--scenario" => options with { Scenario = value },
                "--seed" => options with { Seed = ParseNumber(value) },
                "--duration" => options with { Duration = ParseDuration(value) },
                "--creates" => options with { Creates = ParseNumber(value) },
                "--callers" => options with { Callers = ParseNumber(value) },
                "--faults" => options with { Faults = [.. value.Split(',').Select(ParseFaultKind)] },
                "--url" => options with { Urls = [.. value.Split(',').Select(url => new Uri(url))] },
                "--rabbitmq" => options with { RabbitMq = value },
                "--mongodb" => options with { MongoDb = value },
                "--key" => options with { Key = value },
                _ => throw new FormatException($"There is no option {name}."),
            };
        }

        return options.Urls.Count > 0 && (options.RabbitMq is null || options.MongoDb is null || options.IsSelfTest)
            ? throw new FormatException("--url needs --rabbitmq and --mongodb, and knows no --sabotage.")
            : options;
    }

    private static int ParseNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"{text} is no number.");

    private static TimeSpan ParseDuration(string text) => text switch
    {
        [.. var seconds, 's'] => TimeSpan.FromSeconds(ParseNumber(seconds)),
        [.. var minutes, 'm'] => TimeSpan.FromMinutes(ParseNumber(minutes)),
        _ => TimeSpan.FromSeconds(ParseNumber(text)),
    };

    private static FaultKind ParseFaultKind(string text) =>
        Enum.TryParse<FaultKind>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var kind)
            ? kind
            : throw new FormatException($"There is no fault {text}.");
}
