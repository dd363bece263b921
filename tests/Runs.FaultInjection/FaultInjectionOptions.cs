using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Scenarios;

namespace Runs.FaultInjection;

/// <summary>The load, the faults, and the deployment of a test run.</summary>
internal sealed record FaultInjectionOptions
{
    public required Scenario Scenario { get; init; }

    public required bool IsShort { get; init; }

    /// <summary>Whether <see cref="Storage.CorruptionSelfTest"/> damages the database before the check.</summary>
    public required bool IsSelfTest { get; init; }

    public required int Seed { get; init; }

    /// <summary>Null for the duration of the scenario.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Null for the number of creates of the scenario.</summary>
    public int? Creates { get; init; }

    public required int Callers { get; init; }

    /// <summary>Empty for all kinds.</summary>
    public IReadOnlyList<FaultKind> Faults { get; init; } = [];

    /// <summary>The addresses of the user's own deployment; empty when the program starts one.</summary>
    public IReadOnlyList<Uri> Urls { get; init; } = [];

    public string? RabbitMq { get; init; }

    public string? MongoDb { get; init; }

    public string? Key { get; init; }
}
