using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Client;

/// <summary>A change of a schedule: members that are absent stay as they are.</summary>
public sealed record ScheduleChange
{
    /// <summary>The name. 1-255 characters.</summary>
    public string? Name { get; init; }

    /// <summary>What its runs execute.</summary>
    public ScheduleTarget? Target { get; init; }

    /// <summary>Five fields of cron, or a name such as <c>@daily</c>. The next time is computed from now.</summary>
    [JsonPropertyName("schedule")]
    public string? Expression { get; init; }

    /// <summary>The IANA name of the time zone. The next time is computed from now.</summary>
    [JsonPropertyName("timezone")]
    public string? TimeZone { get; init; }

    /// <summary>A JSON object: the config, or the input, of its runs.</summary>
    public RawJson? Config { get; init; }

    /// <summary>The time limit of its runs in seconds.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The maximum number of further attempts of its runs.</summary>
    public int? BackoffLimit { get; init; }

    /// <summary><see cref="ConcurrencyPolicies"/>.</summary>
    public string? ConcurrencyPolicy { get; init; }

    /// <summary>The number of runs after which the schedule is complete.</summary>
    public int? MaxRuns { get; init; }

    /// <summary><see cref="CatchUpPolicies"/>.</summary>
    public string? CatchUp { get; init; }

    /// <summary>How far the schedule catches up, in seconds.</summary>
    public int? CatchUpWindowSeconds { get; init; }

    /// <summary>The time within which a run must begin, in seconds.</summary>
    public int? StartWithinSeconds { get; init; }

    /// <summary><see cref="ScheduleStatuses"/>: <c>active</c> or <c>paused</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Why the schedule is paused.</summary>
    public string? PausedReason { get; init; }
}
