using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// A stored schedule: what it runs, when, and how far it is. One document; its stored names are those of the HTTP API,
/// in snake_case. Every change is one replace that is conditional on <see cref="Version"/>.
/// </summary>
/// <remarks>
/// Times are UTC and have whole milliseconds: see <see cref="Timestamps.TruncateToMilliseconds"/>.
/// </remarks>
public sealed record Schedule : StoredRecord
{
    /// <summary>The stored name of <see cref="Cron"/>.</summary>
    internal const string CronName = "schedule";

    /// <summary>The id of the schedule.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account that owns the schedule.</summary>
    public required string Tenant { get; init; }

    /// <summary>The UUID of the project that owns the schedule and its runs, in lower case.</summary>
    public required string ProjectId { get; init; }

    /// <summary>1 when inserted; incremented by every replace.</summary>
    public long Version { get; init; } = 1;

    /// <summary>The display name, 1-255 characters.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="ScheduleStatuses"/>.</summary>
    public required string Status { get; init; }

    /// <summary>What the schedule runs.</summary>
    public required ScheduleTarget Target { get; init; }

    /// <summary>The cron expression, as sent: see <see cref="CronSchedule"/>.</summary>
    [JsonPropertyName(CronName)]
    public required string Cron { get; init; }

    /// <summary>The IANA name of the time zone in which the expression applies.</summary>
    public required string Timezone { get; init; }

    /// <summary>Where the runs execute.</summary>
    public string? RuntimeTargetKind { get; init; }

    /// <summary>The UUID of the environment that the runs execute in.</summary>
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>The UUID of the branch that the runs execute on.</summary>
    public string? RuntimeTargetBranchId { get; init; }

    /// <summary>The config of a task, or the input of a workflow or an agent: an object, exactly as sent.</summary>
    public RawJson? Config { get; init; }

    /// <summary>The time limit of each run, in seconds.</summary>
    public required int TimeoutSeconds { get; init; }

    /// <summary>The number of further attempts of a run after its first failed one.</summary>
    public required int BackoffLimit { get; init; }

    /// <summary>One of <see cref="ConcurrencyPolicies"/>: what a fire does while an earlier run is active.</summary>
    public required string ConcurrencyPolicy { get; init; }

    /// <summary>One of <see cref="CatchUpPolicies"/>: what happens to fires that are late.</summary>
    public required string CatchUp { get; init; }

    /// <summary>How late a fire may be with <see cref="CatchUpPolicies.Every"/>, in seconds.</summary>
    public required int CatchUpWindowSeconds { get; init; }

    /// <summary>The time within which a run must begin before it fails, in seconds.</summary>
    public required int StartWithinSeconds { get; init; }

    /// <summary>The number of fires after which the schedule is completed; null for no limit.</summary>
    public int? MaxRuns { get; init; }

    /// <summary>One of <see cref="DefinitionSources"/>.</summary>
    public required string DefinitionSource { get; init; }

    /// <summary>The id of the schedule in the source that defines it.</summary>
    public string? SourceTriggerId { get; init; }

    /// <summary>The path of the file that defines the schedule.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The hash of the definition in the source.</summary>
    public string? SourceHash { get; init; }

    /// <summary>The UUID of the user who created the schedule.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>The UUID of the user on whose behalf the runs are created; null for <see cref="CreatedBy"/>.</summary>
    public string? RunAsUserId { get; init; }

    /// <summary>When the schedule was created. With <see cref="Id"/>, it is the sort key of lists.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the definition or the status was last changed. Fires do not change it.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the schedule was paused; only while it is paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Why the schedule was paused; only while it is paused.</summary>
    public string? PausedReason { get; init; }

    /// <summary>
    /// The time of the next fire, or of the one that is decided. The run of a fire has an id that is derived from this
    /// time, so a fire has one run. Null when the schedule is paused, completed or being deleted.
    /// </summary>
    public DateTimeOffset? NextFireAt { get; init; }

    /// <summary>The time of the last fire that was done, skipped or missed.</summary>
    public DateTimeOffset? CursorAt { get; init; }

    /// <summary>The fire that is decided and not known to be done.</summary>
    public ScheduleFiring? Firing { get; init; }

    /// <summary>The time of the last fire that created a run.</summary>
    public DateTimeOffset? LastScheduledAt { get; init; }

    /// <summary>The number of fires that created a run. Runs by hand do not count.</summary>
    public long RunCount { get; init; }

    /// <summary>The number of fires that were left out because they were late.</summary>
    public long MissedCount { get; init; }

    /// <summary>The time of the last fire that was left out because it was late.</summary>
    public DateTimeOffset? LastMissedAt { get; init; }

    /// <summary>The number of fires that were left out because a run was active.</summary>
    public long SkippedCount { get; init; }

    /// <summary>The time of the last fire that was left out because a run was active.</summary>
    public DateTimeOffset? LastSkippedAt { get; init; }

    /// <summary>When the schedule reached <see cref="MaxRuns"/>, or its expression had no further time.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>One of <see cref="ScheduleHealths"/>.</summary>
    public string Health { get; init; } = ScheduleHealths.Unknown;

    /// <summary>When the newest successful run ended.</summary>
    public DateTimeOffset? LastSuccessfulAt { get; init; }

    /// <summary>When the newest failed run ended.</summary>
    public DateTimeOffset? LastFailureAt { get; init; }

    /// <summary>The error code of the newest failed run.</summary>
    public string? LastFailureCode { get; init; }

    /// <summary>The error message of the newest failed run.</summary>
    public string? LastFailureMessage { get; init; }

    /// <summary>The newest failed run.</summary>
    public string? LastFailureRunId { get; init; }

    /// <summary>
    /// When the service must continue with the schedule: to fire it, to finish a fire that a stopped process began, or
    /// to delete it. Null when there is nothing to do.
    /// </summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Whether the schedule may begin a fire.</summary>
    [JsonIgnore]
    internal bool IsActive => Status == ScheduleStatuses.Active;
}
