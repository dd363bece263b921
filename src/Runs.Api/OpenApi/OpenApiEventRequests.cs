using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Runs.Api.OpenApi;

// As in OpenApiRequests.cs: these records only describe bodies; no body is deserialized into them.

/// <summary>Events to append, and the end of the log that the caller expects. Unknown members are ignored.</summary>
public sealed record AppendEventsRequest
{
    /// <summary>The events, in the order in which they are appended.</summary>
    [MinLength(1), MaxLength(RunEventValidator.MaxEventsPerAppend)]
    public required IReadOnlyList<AppendedEvent> Events { get; init; }

    /// <summary>
    /// The id of the last event that the caller knows. 0 before the first event, and also while the log holds only the
    /// first event that the service itself wrote.
    /// </summary>
    [Range(typeof(long), "0", "9223372036854775807")]
    public long? ExpectedPreviousEventId { get; init; }

    /// <summary>
    /// The number of appended public events that the caller knows. Events that the service writes and hidden events do
    /// not count.
    /// </summary>
    [Range(typeof(long), "0", "9223372036854775807")]
    public long? ExpectedPreviousExternalEventSequence { get; init; }
}

/// <summary>
/// An AG-UI event, with any additional members. It is returned exactly as sent. Without white space, less than 256 KiB,
/// or for <c>AGENT_RUN_MODEL_CALL_CONTEXT</c> less than 2,000,000 bytes. With white space, less than 16 times as much.
/// </summary>
public sealed record AppendedEvent
{
    /// <summary>
    /// Public types are <c>TEXT_MESSAGE_START</c>, <c>_CONTENT</c> and <c>_END</c>, <c>REASONING_MESSAGE_START</c>,
    /// <c>_CONTENT</c> and <c>_END</c>, <c>TOOL_CALL_START</c>, <c>_ARGS</c>, <c>_CHUNK</c>, <c>_END</c> and
    /// <c>_RESULT</c>, <c>STATE_SNAPSHOT</c>, <c>STATE_DELTA</c>, <c>MESSAGES_SNAPSHOT</c>, <c>CUSTOM</c>, and the
    /// <c>RUN_STARTED</c> that begins the log. Events of any other type are stored but hidden. <c>RUN_FINISHED</c> and
    /// <c>RUN_ERROR</c> are rejected. No control characters.
    /// </summary>
    [StringLength(255, MinimumLength = 1)]
    public required string Type { get; init; }

    /// <summary>Milliseconds, as measured by the executor.</summary>
    [JsonPropertyName("elapsedMs"), Range(0, double.MaxValue)]
    public double ElapsedMs { get; init; }

    /// <summary>When the event was emitted, by the executor's clock.</summary>
    [JsonPropertyName("emittedAt"), Range(typeof(long), "0", "9223372036854775807")]
    public long EmittedAt { get; init; }
}
