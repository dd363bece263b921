using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The message and tool call that spawned a run. Every member is optional.</summary>
public sealed record RunTrigger
{
    /// <summary>A UUID in lower case: the conversation of the caller.</summary>
    [JsonPropertyName("conversation_id")]
    public string? ConversationId { get; init; }

    /// <summary>A UUID in lower case: the message of the caller.</summary>
    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }

    /// <summary>The tool call through which the caller requested the run. 1-128 characters.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }
}
