using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Client;

/// <summary>A schedule.</summary>
public sealed record Schedule
{
    /// <summary>A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The project, a UUID.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary><see cref="ScheduleStatuses"/>.</summary>
    public required string Status { get; init; }

    /// <summary>What its runs execute.</summary>
    public required ScheduleTarget Target { get; init; }

    /// <summary>The cron expression.</summary>
    [JsonPropertyName("schedule")]
    public string? Expression { get; init; }

    /// <summary>The IANA name of the time zone.</summary>
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

    /// <summary><see cref="CatchUpPolicies"/>.</summary>
    public string? CatchUp { get; init; }

    /// <summary>How far the schedule catches up, in seconds.</summary>
    public int? CatchUpWindowSeconds { get; init; }

    /// <summary>The time within which a run must begin, in seconds.</summary>
    public int? StartWithinSeconds { get; init; }

    /// <summary>The time of the next run; null when there is none.</summary>
    public DateTimeOffset? NextFireAt { get; init; }

    /// <summary>The time of the last run that the schedule created.</summary>
    public DateTimeOffset? LastScheduledAt { get; init; }

    /// <summary>When a run of the schedule last completed.</summary>
    public DateTimeOffset? LastSuccessfulAt { get; init; }

    /// <summary>When a run of the schedule last failed.</summary>
    public DateTimeOffset? LastFailureAt { get; init; }

    /// <summary>The error code of the last failure.</summary>
    public string? LastFailureCode { get; init; }

    /// <summary>The error message of the last failure.</summary>
    public string? LastFailureMessage { get; init; }

    /// <summary>The run that failed last.</summary>
    public string? LastFailureRunId { get; init; }

    /// <summary>The number of runs after which the schedule is complete.</summary>
    public int? MaxRuns { get; init; }

    /// <summary>The number of runs that the schedule has created.</summary>
    public int? RunCount { get; init; }

    /// <summary>The number of times that passed without a run, because no server ran or they were too late.</summary>
    public int? MissedCount { get; init; }

    /// <summary>The number of times without a run, because one was active.</summary>
    public int? SkippedCount { get; init; }

    /// <summary>When the schedule reached its maximum number of runs.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When the schedule was paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Why the schedule is paused.</summary>
    public string? PausedReason { get; init; }

    /// <summary>When the schedule was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When the schedule last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
