using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Ends a run with an outcome. Sent by whoever executes it. The first outcome stands: a repeat, and any other outcome later, changes nothing and
/// is answered with the run as it is. A pending run is started first.
/// </summary>
/// <remarks>
/// The answer is <see cref="RunSnapshot"/>, whose <see cref="RunSnapshot.Changed"/> tells whose outcome stands: a redelivery under the message id that ended
/// the run is told that it did. No order is needed: an outcome may overtake its start, and whatever an executor says after it changes nothing.
/// </remarks>
public sealed record CompleteRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>A JSON object, such as an agent's usage.</summary>
    [JsonPropertyName("metadata")]
    public RawJson? Metadata { get; init; }

    /// <summary>For programs; with status <c>failed</c>. At most 255 characters.</summary>
    [JsonPropertyName("terminal_error_code")]
    public string? TerminalErrorCode { get; init; }

    /// <summary>For people; with status <c>failed</c>. A text is made when there is none. At most 65,536 characters.</summary>
    [JsonPropertyName("terminal_error_message")]
    public string? TerminalErrorMessage { get; init; }

    /// <summary>The result: any JSON value.</summary>
    [JsonPropertyName("output")]
    public RawJson? Output { get; init; }

    /// <summary>Log text, not more than 4 MiB. Output, logs, artifacts, metadata and error message together are not more than 5 MiB.</summary>
    [JsonPropertyName("logs")]
    public string? Logs { get; init; }

    /// <summary>A JSON array.</summary>
    [JsonPropertyName("artifacts")]
    public RawJson? Artifacts { get; init; }

    /// <summary>The process exit code. 0 or 1 by outcome when absent, except for agent runs.</summary>
    [JsonPropertyName("exit_code")]
    public int? ExitCode { get; init; }

    /// <summary>Milliseconds, 0 or more, as the executor measured them. From start to end when absent.</summary>
    [JsonPropertyName("duration_ms")]
    public long? DurationMs { get; init; }

    /// <summary>Who sends it.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The trace that it belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
