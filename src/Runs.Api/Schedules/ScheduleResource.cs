using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>A schedule, its definition and its state. Every member is always present.</summary>
public sealed record ScheduleResource
{
    /// <summary>A UUID.</summary>
    [Uuid]
    public required string Id { get; init; }

    /// <summary>The project that owns the schedule and its runs.</summary>
    [Uuid]
    public required string ProjectId { get; init; }

    /// <summary>The display name.</summary>
    public required string Name { get; init; }

    /// <summary>Only an <c>active</c> schedule fires.</summary>
    [OneOf(typeof(ScheduleStatuses))]
    public required string Status { get; init; }

    /// <summary>What the schedule runs.</summary>
    public required ScheduleTargetResource Target { get; init; }

    /// <summary>The cron expression, as sent.</summary>
    public required string Schedule { get; init; }

    /// <summary>The IANA name of the time zone of the expression.</summary>
    public required string Timezone { get; init; }

    /// <summary>Where the runs execute.</summary>
    [OneOf(typeof(TargetKinds), nameof(TargetKinds.Runtime))]
    public string? RuntimeTargetKind { get; init; }

    /// <summary>The environment, with kind <c>environment</c>.</summary>
    [Uuid]
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>The branch, with kind <c>preview_branch</c>.</summary>
    [Uuid]
    public string? RuntimeTargetBranchId { get; init; }

    /// <summary>The config of a task, or the input of a workflow or an agent, as sent.</summary>
    [JsonObject]
    public RawJson? Config { get; init; }

    /// <summary>The time limit of each run, in seconds.</summary>
    public required int TimeoutSeconds { get; init; }

    /// <summary>The number of further attempts of a run after its first failed one.</summary>
    public required int BackoffLimit { get; init; }

    /// <summary>What a fire does while an earlier run is active.</summary>
    [OneOf(typeof(ConcurrencyPolicies))]
    public required string ConcurrencyPolicy { get; init; }

    /// <summary>What happens to late fires.</summary>
    [OneOf(typeof(CatchUpPolicies))]
    public required string CatchUp { get; init; }

    /// <summary>How late a fire may be with <c>catch_up</c> <c>all</c>, in seconds.</summary>
    public required int CatchUpWindowSeconds { get; init; }

    /// <summary>The time within which a run must begin, in seconds.</summary>
    public required int StartWithinSeconds { get; init; }

    /// <summary>The number of fires after which the schedule is completed.</summary>
    public int? MaxRuns { get; init; }

    /// <summary>The number of fires that created a run.</summary>
    public required long RunCount { get; init; }

    /// <summary>The number of fires that were left out because they were late.</summary>
    public required long MissedCount { get; init; }

    /// <summary>The time of the last fire that was left out because it was late.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? LastMissedAt { get; init; }

    /// <summary>The number of fires that were left out because a run was active.</summary>
    public required long SkippedCount { get; init; }

    /// <summary>The time of the last fire that was left out because a run was active.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? LastSkippedAt { get; init; }

    /// <summary>The time of the next fire; null when the schedule is paused, completed or being deleted.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? NextFireAt { get; init; }

    /// <summary>The time of the last fire that created a run.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? LastScheduledAt { get; init; }

    /// <summary>When the newest successful run ended, as of the last fire.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? LastSuccessfulAt { get; init; }

    /// <summary>When the newest failed run ended, as of the last fire.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? LastFailureAt { get; init; }

    /// <summary>The error code of the newest failed run.</summary>
    public string? LastFailureCode { get; init; }

    /// <summary>The error message of the newest failed run.</summary>
    public string? LastFailureMessage { get; init; }

    /// <summary>The newest failed run.</summary>
    public string? LastFailureRunId { get; init; }

    /// <summary><c>failing</c> when the last three runs failed, as of the last fire.</summary>
    [OneOf(typeof(ScheduleHealths))]
    public required string Health { get; init; }

    /// <summary>When the schedule had its last fire: see <c>max_runs</c>.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When the schedule was paused.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Why the schedule was paused.</summary>
    public string? PausedReason { get; init; }

    /// <summary>Where the schedule is defined.</summary>
    [OneOf(typeof(DefinitionSources))]
    public required string DefinitionSource { get; init; }

    /// <summary>The id of the schedule in the source that defines it.</summary>
    public string? SourceTriggerId { get; init; }

    /// <summary>The path of the file that defines the schedule.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The hash of the definition in the source.</summary>
    public string? SourceHash { get; init; }

    /// <summary>Always null: the service knows no integrations.</summary>
    [AlwaysNull]
    public RawJson? IntegrationRequirements { get; init; }

    /// <summary>The user who created the schedule.</summary>
    [Uuid]
    public string? CreatedBy { get; init; }

    /// <summary>The user on whose behalf the runs are created; null for the creator.</summary>
    [Uuid]
    public string? RunAsUserId { get; init; }

    /// <summary>When the schedule was created.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the definition or the status was last changed.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Returns the representation of a stored schedule.</summary>
    internal static ScheduleResource From(Schedule schedule) => new()
    {
        Id = schedule.Id.ToString(),
        ProjectId = schedule.ProjectId,
        Name = schedule.Name,
        Status = schedule.Status,
        Target = ScheduleTargetResource.From(schedule.Target),
        Schedule = schedule.Cron,
        Timezone = schedule.Timezone,
        RuntimeTargetKind = schedule.RuntimeTargetKind,
        RuntimeTargetEnvironmentId = schedule.RuntimeTargetEnvironmentId,
        RuntimeTargetBranchId = schedule.RuntimeTargetBranchId,
        Config = schedule.Config,
        TimeoutSeconds = schedule.TimeoutSeconds,
        BackoffLimit = schedule.BackoffLimit,
        ConcurrencyPolicy = schedule.ConcurrencyPolicy,
        CatchUp = schedule.CatchUp,
        CatchUpWindowSeconds = schedule.CatchUpWindowSeconds,
        StartWithinSeconds = schedule.StartWithinSeconds,
        MaxRuns = schedule.MaxRuns,
        RunCount = schedule.RunCount,
        MissedCount = schedule.MissedCount,
        LastMissedAt = schedule.LastMissedAt,
        SkippedCount = schedule.SkippedCount,
        LastSkippedAt = schedule.LastSkippedAt,
        NextFireAt = schedule.NextFireAt,
        LastScheduledAt = schedule.LastScheduledAt,
        LastSuccessfulAt = schedule.LastSuccessfulAt,
        LastFailureAt = schedule.LastFailureAt,
        LastFailureCode = schedule.LastFailureCode,
        LastFailureMessage = schedule.LastFailureMessage,
        LastFailureRunId = schedule.LastFailureRunId,
        Health = schedule.Health,
        CompletedAt = schedule.CompletedAt,
        PausedAt = schedule.PausedAt,
        PausedReason = schedule.PausedReason,
        DefinitionSource = schedule.DefinitionSource,
        SourceTriggerId = schedule.SourceTriggerId,
        SourcePath = schedule.SourcePath,
        SourceHash = schedule.SourceHash,
        CreatedBy = schedule.CreatedBy,
        RunAsUserId = schedule.RunAsUserId,
        CreatedAt = schedule.CreatedAt,
        UpdatedAt = schedule.UpdatedAt,
    };
}
