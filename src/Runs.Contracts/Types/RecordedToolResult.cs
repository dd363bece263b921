using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>A result that a run has waited for.</summary>
public sealed record RecordedToolResult
{
    /// <summary>The id of the tool call; null for a wait without one.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>
    /// <see cref="WaitingReasons"/>; what the run waited for. Null if an earlier release recorded it.
    /// </summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>
    /// The result: any JSON value. Null also when it is no longer stored: a run keeps the values of its last results,
    /// about 256 KB.
    /// </summary>
    [JsonPropertyName("result")]
    public RawJson? Result { get; init; }

    /// <summary>Whether the tool failed.</summary>
    [JsonPropertyName("is_error")]
    public required bool IsError { get; init; }
}
