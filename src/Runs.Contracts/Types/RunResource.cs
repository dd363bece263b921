using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A run, as represented in HTTP responses and messages. Every member is always present, and null when it has no value.
/// The exceptions are <c>error.code</c> and <c>error.detail</c>, which are omitted.
/// </summary>
public sealed record RunResource
{
    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RunKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary><see cref="RunStatuses"/>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>The project or conversation that the run belongs to.</summary>
    [JsonPropertyName("owner")]
    public required Owner Owner { get; init; }

    /// <summary>The id of the parent run, or null for a root run.</summary>
    [JsonPropertyName("parent_run_id")]
    public string? ParentRunId { get; init; }

    /// <summary>The id of the root run of the tree; a root run has its own id here.</summary>
    [JsonPropertyName("root_run_id")]
    public required string RootRunId { get; init; }

    /// <summary><see cref="WaitingReasons"/>; only while the run is waiting.</summary>
    [JsonPropertyName("waiting_reason")]
    public string? WaitingReason { get; init; }

    /// <summary>A JSON object that the executor sent with the outcome, such as usage.</summary>
    [JsonPropertyName("metadata")]
    public RawJson? Metadata { get; init; }

    /// <summary>The target that the run executes, as <c>kind:id</c>.</summary>
    [JsonPropertyName("target")]
    public string? Target { get; init; }

    /// <summary>The workflow's id; workflow runs only.</summary>
    [JsonPropertyName("workflow_id")]
    public string? WorkflowId { get; init; }

    /// <summary>A UUID: the schedule that fired the run.</summary>
    [JsonPropertyName("schedule_id")]
    public string? ScheduleId { get; init; }

    /// <summary>A UUID that groups runs.</summary>
    [JsonPropertyName("batch_id")]
    public string? BatchId { get; init; }

    /// <summary>Where the run executes: <c>main_branch</c>, <c>environment</c> or <c>preview_branch</c>.</summary>
    [JsonPropertyName("runtime_target_kind")]
    public string? RuntimeTargetKind { get; init; }

    /// <summary>A UUID: the environment, with runtime target kind <c>environment</c>.</summary>
    [JsonPropertyName("runtime_target_environment_id")]
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>A UUID: the preview branch, with runtime target kind <c>preview_branch</c>.</summary>
    [JsonPropertyName("runtime_target_branch_id")]
    public string? RuntimeTargetBranchId { get; init; }

    /// <summary>A JSON object: the input as it was sent.</summary>
    [JsonPropertyName("input")]
    public RawJson? Input { get; init; }

    /// <summary>A JSON object: the config as it was sent.</summary>
    [JsonPropertyName("config")]
    public RawJson? Config { get; init; }

    /// <summary>The result of a completed run.</summary>
    [JsonPropertyName("output")]
    public RawJson? Output { get; init; }

    /// <summary>The error of a failed run.</summary>
    [JsonPropertyName("error")]
    public RunError? Error { get; init; }

    /// <summary>Log text.</summary>
    [JsonPropertyName("logs")]
    public string? Logs { get; init; }

    /// <summary>A JSON array; empty when there are none.</summary>
    [JsonPropertyName("artifacts")]
    public RawJson Artifacts { get; init; } = new("[]");

    /// <summary>The duration in milliseconds: as measured by the executor, or the time from start to end.</summary>
    [JsonPropertyName("duration_ms")]
    public long? DurationMs { get; init; }

    /// <summary>The process exit code; 0 or 1 for tasks, workflows and evals, null for agents.</summary>
    [JsonPropertyName("exit_code")]
    public int? ExitCode { get; init; }

    /// <summary>How the run was started. Free text.</summary>
    [JsonPropertyName("start_mode")]
    public string? StartMode { get; init; }

    /// <summary>
    /// The time limit of each running period, in seconds: from the start or a resume, over all attempts and the delays
    /// between them.
    /// </summary>
    [JsonPropertyName("timeout_seconds")]
    public int? TimeoutSeconds { get; init; }

    /// <summary>The number of further attempts after a failure.</summary>
    [JsonPropertyName("backoff_limit")]
    public int? BackoffLimit { get; init; }

    /// <summary>
    /// The number of the current or last attempt; 0 before the first. A message that names an attempt that has ended is
    /// rejected.
    /// </summary>
    [JsonPropertyName("attempt")]
    public int Attempt { get; init; }

    /// <summary>The number of attempts that failed or were lost.</summary>
    [JsonPropertyName("failed_attempts")]
    public int FailedAttempts { get; init; }

    /// <summary>
    /// The time at which the next attempt may begin, during the delay after a failure or a release. Null otherwise.
    /// </summary>
    [JsonPropertyName("next_attempt_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>
    /// The time at which the lease of the worker that holds the run ends. Null when no worker holds it.
    /// </summary>
    [JsonPropertyName("lease_expires_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? LeaseExpiresAt { get; init; }

    /// <summary>
    /// The time in seconds that is subtracted from the time at which the run becomes ready, from -86,400 to 86,400; 0
    /// by default. Workers that look for runs get the one with the earliest time first.
    /// </summary>
    [JsonPropertyName("priority")]
    public int Priority { get; init; }

    /// <summary>The time before which the run cannot be claimed, or null.</summary>
    [JsonPropertyName("start_after")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? StartAfter { get; init; }

    /// <summary>The time at which the run fails if it has not begun, or null.</summary>
    [JsonPropertyName("start_before")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? StartBefore { get; init; }

    /// <summary><see cref="TriggerKinds"/>.</summary>
    [JsonPropertyName("trigger_kind")]
    public string? TriggerKind { get; init; }

    /// <summary>The id of the schedule or webhook that fired the run.</summary>
    [JsonPropertyName("trigger_id")]
    public string? TriggerId { get; init; }

    /// <summary>A UUID: the user on whose behalf the run was created.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; init; }

    /// <summary>The time of the last change.</summary>
    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The time at which the run was accepted.</summary>
    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time at which the run first started. Never reset.</summary>
    [JsonPropertyName("started_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The time at which the run ended.</summary>
    [JsonPropertyName("completed_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? CompletedAt { get; init; }
}
