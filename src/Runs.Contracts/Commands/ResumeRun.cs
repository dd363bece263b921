using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Delivers the result that a waiting run waits for; the run becomes running again. Sent by the service that has the
/// result. A repeat with the same call and result is a harmless duplicate. A different result for an answered call is
/// rejected with <c>TOOL_RESULT_CONFLICT</c>.
/// </summary>
public sealed record ResumeRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>The awaited tool call, when the run waits for one. 1-255 characters.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>
    /// <see cref="WaitingReasons"/>: the reason of the wait that this command ends. A run that waits for another reason
    /// is not resumed. When absent, any reason matches.
    /// </summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>
    /// The result that the run waits for: any JSON value of at most 64 KiB without white space, and 1 MiB with it.
    /// </summary>
    [JsonPropertyName("result")]
    public RawJson Result { get; init; } = RawJson.Null;

    /// <summary>Whether the tool failed.</summary>
    [JsonPropertyName("is_error")]
    public bool IsError { get; init; }

    /// <summary>
    /// The responder to an input request. When present, the result is either an object of strings, numbers, booleans
    /// and nulls by field, or null when the input request is cancelled; <see cref="IsError"/> is then true. When
    /// absent, the result is a tool result. A tool result does not answer an input request: while the run waits
    /// for one, the service rejects the command with <c>TOOL_RESULT_NOT_WAITING</c>.
    /// </summary>
    [JsonPropertyName("responder")]
    public InputResponder? Responder { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
