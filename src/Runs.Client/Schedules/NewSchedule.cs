using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Client;

/// <summary>A schedule to create. The server validates all members, and has the defaults of absent ones.</summary>
public sealed record NewSchedule
{
    /// <summary>The name. 1-255 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What its runs execute.</summary>
    public required ScheduleTarget Target { get; init; }

    /// <summary>Five fields of cron, or a name such as <c>@daily</c>. 1-255 characters.</summary>
    [JsonPropertyName("schedule")]
    public required string Expression { get; init; }

    /// <summary>The IANA name of the time zone; <c>UTC</c> when absent.</summary>
    [JsonPropertyName("timezone")]
    public string? TimeZone { get; init; }

    /// <summary>A JSON object: the config, or the input, of its runs.</summary>
    public RawJson? Config { get; init; }

    /// <summary>The time limit of its runs in seconds; 300 when absent.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The maximum number of further attempts of its runs; 3 when absent.</summary>
    public int? BackoffLimit { get; init; }

    /// <summary><see cref="ConcurrencyPolicies"/>; <c>Forbid</c> when absent.</summary>
    public string? ConcurrencyPolicy { get; init; }

    /// <summary>The number of runs after which the schedule is complete; no limit when absent.</summary>
    public int? MaxRuns { get; init; }

    /// <summary><see cref="CatchUpPolicies"/>; <c>latest</c> when absent.</summary>
    public string? CatchUp { get; init; }

    /// <summary>How far the schedule catches up, in seconds; a day when absent.</summary>
    public int? CatchUpWindowSeconds { get; init; }

    /// <summary>The time within which a run must begin, in seconds; an hour when absent.</summary>
    public int? StartWithinSeconds { get; init; }
}
