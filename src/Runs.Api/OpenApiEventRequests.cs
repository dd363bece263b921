using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Api;

// As in OpenApiRequests.cs: these describe bodies and never hold one.

/// <summary>Events to append, and where the caller believes the log to end. Members that are not listed are ignored.</summary>
public sealed record AppendEventsRequest
{
    /// <summary>In the order in which they are appended.</summary>
    [MinLength(1), MaxLength(RunEventRules.MaxEvents)]
    public required IReadOnlyList<AppendedEvent> Events { get; init; }

    /// <summary>
    /// The id of the log's last event as the caller knows it; 0 before the first, and as well while there is only the first that the service has written itself.
    /// </summary>
    [Range(typeof(long), "0", "9223372036854775807")]
    public long? ExpectedPreviousEventId { get; init; }

    /// <summary>
    /// The number of public events appended so far as the caller knows it. What the service writes does not count, and neither does what is not shown for its type.
    /// </summary>
    [Range(typeof(long), "0", "9223372036854775807")]
    public long? ExpectedPreviousExternalEventSequence { get; init; }
}

/// <summary>
/// An event, as AG-UI has them, with any further members; it comes back as it was sent. Less than 256 KiB, or as <c>AGENT_RUN_MODEL_CALL_CONTEXT</c> less than 2,000,000
/// bytes, without white space, and less than 16 times as much with it.
/// </summary>
public sealed record AppendedEvent
{
    /// <summary>
    /// Shown to readers are <c>TEXT_MESSAGE_START</c>, <c>_CONTENT</c> and <c>_END</c>, <c>REASONING_MESSAGE_START</c>, <c>_CONTENT</c> and <c>_END</c>,
    /// <c>TOOL_CALL_START</c>, <c>_ARGS</c>, <c>_CHUNK</c>, <c>_END</c> and <c>_RESULT</c>, <c>STATE_SNAPSHOT</c>, <c>STATE_DELTA</c>, <c>MESSAGES_SNAPSHOT</c>,
    /// <c>CUSTOM</c>, and the <c>RUN_STARTED</c> that begins the log. Any other type is stored and not shown. <c>RUN_FINISHED</c> and <c>RUN_ERROR</c> are refused. No
    /// control characters.
    /// </summary>
    [StringLength(255, MinimumLength = 1)]
    public required string Type { get; init; }

    /// <summary>Milliseconds, as the executor measured them.</summary>
    [JsonPropertyName("elapsedMs"), Range(0, double.MaxValue)]
    public double ElapsedMs { get; init; }

    /// <summary>When it was made, as the executor counts time.</summary>
    [JsonPropertyName("emittedAt"), Range(typeof(long), "0", "9223372036854775807")]
    public long EmittedAt { get; init; }
}
