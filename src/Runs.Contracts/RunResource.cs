using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A run as HTTP and messages show it. Every member is always present, null where it has no value, except <c>error.code</c>, which is left out.
/// </summary>
public sealed record RunResource
{
    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RunKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary><see cref="RunStatuses"/>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>Who the run belongs to.</summary>
    [JsonPropertyName("owner")]
    public required Owner Owner { get; init; }

    /// <summary>The parent's id, or null for a root.</summary>
    [JsonPropertyName("parent_run_id")]
    public string? ParentRunId { get; init; }

    /// <summary>The id of the root of its tree; its own for a root.</summary>
    [JsonPropertyName("root_run_id")]
    public required string RootRunId { get; init; }

    /// <summary><see cref="WaitingReasons"/>; only while waiting.</summary>
    [JsonPropertyName("waiting_reason")]
    public string? WaitingReason { get; init; }

    /// <summary>A JSON object: what the executor told at the end, such as usage.</summary>
    [JsonPropertyName("metadata")]
    public RawJson? Metadata { get; init; }

    /// <summary>What it executes, as <c>kind:id</c>.</summary>
    [JsonPropertyName("target")]
    public string? Target { get; init; }

    /// <summary>The workflow's id; workflow runs only.</summary>
    [JsonPropertyName("workflow_id")]
    public string? WorkflowId { get; init; }

    /// <summary>A UUID: the schedule that fired it.</summary>
    [JsonPropertyName("schedule_id")]
    public string? ScheduleId { get; init; }

    /// <summary>A UUID that groups runs.</summary>
    [JsonPropertyName("batch_id")]
    public string? BatchId { get; init; }

    /// <summary><c>main_branch</c>, <c>environment</c> or <c>preview_branch</c>.</summary>
    [JsonPropertyName("runtime_target_kind")]
    public string? RuntimeTargetKind { get; init; }

    /// <summary>A UUID; with <c>environment</c>.</summary>
    [JsonPropertyName("runtime_target_environment_id")]
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>A UUID; with <c>preview_branch</c>.</summary>
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

    /// <summary>Why it failed.</summary>
    [JsonPropertyName("error")]
    public RunError? Error { get; init; }

    /// <summary>Log text.</summary>
    [JsonPropertyName("logs")]
    public string? Logs { get; init; }

    /// <summary>A JSON array; empty when there are none.</summary>
    [JsonPropertyName("artifacts")]
    public RawJson Artifacts { get; init; } = new("[]");

    /// <summary>Milliseconds from start to end, or as the executor measured them.</summary>
    [JsonPropertyName("duration_ms")]
    public long? DurationMs { get; init; }

    /// <summary>The process exit code; 0 or 1 for tasks, workflows and evals, null for agents.</summary>
    [JsonPropertyName("exit_code")]
    public int? ExitCode { get; init; }

    /// <summary>How it was started, free text.</summary>
    [JsonPropertyName("start_mode")]
    public string? StartMode { get; init; }

    /// <summary>Seconds that one execution may take.</summary>
    [JsonPropertyName("timeout_seconds")]
    public int? TimeoutSeconds { get; init; }

    /// <summary>Further attempts after a failure.</summary>
    [JsonPropertyName("backoff_limit")]
    public int? BackoffLimit { get; init; }

    /// <summary><see cref="TriggerKinds"/>.</summary>
    [JsonPropertyName("trigger_kind")]
    public string? TriggerKind { get; init; }

    /// <summary>What fired it.</summary>
    [JsonPropertyName("trigger_id")]
    public string? TriggerId { get; init; }

    /// <summary>A UUID: the user who created it.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; init; }

    /// <summary>The last change.</summary>
    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The acceptance.</summary>
    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it first ran; never reset.</summary>
    [JsonPropertyName("started_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    [JsonPropertyName("completed_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? CompletedAt { get; init; }
}
