using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Ends a run with an outcome. Sent by the executor of the run. The first outcome is final: a repeat, and any later
/// outcome, changes nothing, and the reply contains the run with its first outcome. The outcome <c>completed</c> starts
/// a pending run first; <c>failed</c> and <c>cancelled</c> end it without a start. An outcome <c>failed</c> that names
/// its <see cref="Attempt"/> ends only the attempt, as long as the run may be retried.
/// </summary>
/// <remarks>
/// The reply is <see cref="RunSnapshot"/>, or <see cref="RunRejected"/> with <see cref="RejectionCodes.AttemptLost"/>
/// or <see cref="RejectionCodes.AttemptRequired"/>. Its <see cref="RunSnapshot.Changed"/> is true for the command that
/// ended the run or its attempt, and for a redelivery of the command that ended the run under the same message id.
/// Commands may arrive in any order: an outcome may overtake the start of its run, and later commands from the executor
/// change nothing.
/// </remarks>
public sealed record CompleteRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>A JSON object, such as an agent's usage.</summary>
    [JsonPropertyName("metadata")]
    public RawJson? Metadata { get; init; }

    /// <summary>A machine-readable error code, with status <c>failed</c>. At most 255 characters.</summary>
    [JsonPropertyName("terminal_error_code")]
    public string? TerminalErrorCode { get; init; }

    /// <summary>
    /// A human-readable error message, with status <c>failed</c>. The service writes one when it is absent. At most
    /// 65,536 characters.
    /// </summary>
    [JsonPropertyName("terminal_error_message")]
    public string? TerminalErrorMessage { get; init; }

    /// <summary>The result: any JSON value.</summary>
    [JsonPropertyName("output")]
    public RawJson? Output { get; init; }

    /// <summary>
    /// Log text of at most 4 MiB. Output, logs, artifacts, metadata and error message together are at most 5 MiB.
    /// </summary>
    [JsonPropertyName("logs")]
    public string? Logs { get; init; }

    /// <summary>A JSON array of artifacts.</summary>
    [JsonPropertyName("artifacts")]
    public RawJson? Artifacts { get; init; }

    /// <summary>The process exit code. When absent, 0 or 1 by outcome, except for agent runs.</summary>
    [JsonPropertyName("exit_code")]
    public int? ExitCode { get; init; }

    /// <summary>
    /// The duration in milliseconds, 0 or more, as measured by the executor. When absent, the time from start to end.
    /// </summary>
    [JsonPropertyName("duration_ms")]
    public long? DurationMs { get; init; }

    /// <summary>
    /// The number of the attempt that ended. An outcome that names an attempt that is over
    /// changes nothing. When absent, the outcome is that of the run and final, unless a worker holds the run with a
    /// fenced claim. 1 or more.
    /// </summary>
    [JsonPropertyName("attempt")]
    public int? Attempt { get; init; }

    /// <summary>
    /// Whether another attempt may follow, with status <c>failed</c> and an attempt. True when absent. Another attempt
    /// follows only within the run's <c>backoff_limit</c>.
    /// </summary>
    [JsonPropertyName("retryable")]
    public bool? Retryable { get; init; }

    /// <summary>
    /// The delay before the next attempt: 0-86,400 seconds. When absent, it grows with every failure, from about 2
    /// seconds to about 5 minutes.
    /// </summary>
    [JsonPropertyName("retry_after_seconds")]
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
