using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Runs.Api.Events;

/// <summary>
/// An AG-UI event, with any additional members. It is returned exactly as sent. Without white space, less than 256 KiB,
/// or for <c>AGENT_RUN_MODEL_CALL_CONTEXT</c> less than 2,000,000 bytes. With white space, less than 16 times as much.
/// </summary>
public sealed record AppendedEvent : RequestSchema
{
    /// <summary>
    /// Public types are <c>TEXT_MESSAGE_START</c>, <c>_CONTENT</c> and <c>_END</c>, <c>REASONING_MESSAGE_START</c>,
    /// <c>_CONTENT</c> and <c>_END</c>, <c>TOOL_CALL_START</c>, <c>_ARGS</c>, <c>_CHUNK</c>, <c>_END</c> and
    /// <c>_RESULT</c>, <c>STATE_SNAPSHOT</c>, <c>STATE_DELTA</c>, <c>MESSAGES_SNAPSHOT</c>, <c>CUSTOM</c>, and the
    /// <c>RUN_STARTED</c> that begins the log. Events of any other type are stored but hidden. <c>RUN_FINISHED</c> and
    /// <c>RUN_ERROR</c> are rejected. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public required string Type { get; init; }

    /// <summary>Milliseconds, as measured by the executor.</summary>
    [JsonPropertyName("elapsedMs"), Range(FieldLimits.MinEventTime, double.MaxValue)]
    public double ElapsedMs { get; init; }

    /// <summary>When the event was emitted, by the executor's clock.</summary>
    [JsonPropertyName("emittedAt"), AtLeast(FieldLimits.MinEventTime)]
    public long EmittedAt { get; init; }

    /// <summary>Any other members.</summary>
    [JsonExtensionData]
    public IDictionary<string, object?>? OtherMembers { get; init; }
}
