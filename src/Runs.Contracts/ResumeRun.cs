using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Brings what a waiting run waits for; it becomes running again. Sent by whoever has it. The same call and result again is a duplicate and harmless; another
/// result for an answered call is refused with <c>TOOL_RESULT_CONFLICT</c>.
/// </summary>
public sealed record ResumeRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>The awaited call, for a run that waits for one. 1-255 characters.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary><see cref="WaitingReasons"/>: what has come. A run that waits for another reason is not resumed; when absent, any reason will do.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>What the run waited for: any JSON value of not more than 64 KiB without white space, and 1 MiB with it.</summary>
    [JsonPropertyName("result")]
    public RawJson Result { get; init; } = RawJson.Null;

    /// <summary>Whether the tool failed.</summary>
    [JsonPropertyName("is_error")]
    public bool IsError { get; init; }

    /// <summary>
    /// Who answers an input request. With it the result holds the values, an object of texts, numbers, booleans and nulls by field, or is null when the request is
    /// called off: then <see cref="IsError"/> is true. Without it the run's input request is answered by a tool result, which it does not show.
    /// </summary>
    [JsonPropertyName("responder")]
    public InputResponder? Responder { get; init; }

    /// <summary>Who sends it.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The trace that it belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
