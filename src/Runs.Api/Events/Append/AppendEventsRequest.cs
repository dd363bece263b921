using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Events;

/// <summary>Events to append, and the end of the log that the caller expects. Unknown members are ignored.</summary>
public sealed record AppendEventsRequest : RequestSchema
{
    /// <summary>The events, in the order in which they are appended.</summary>
    [MinLength(1), MaxLength(FieldLimits.MaxEventsPerAppend)]
    public required IReadOnlyList<AppendedEvent> Events { get; init; }

    /// <summary>
    /// The id of the last event that the caller knows. 0 before the first event, and also while the log holds only the
    /// first event that the service itself wrote.
    /// </summary>
    [AtLeast(FieldLimits.MinEventCursor)]
    public long? ExpectedPreviousEventId { get; init; }

    /// <summary>
    /// The number of appended public events that the caller knows. Events that the service writes and hidden events do
    /// not count.
    /// </summary>
    [AtLeast(FieldLimits.MinEventCursor)]
    public long? ExpectedPreviousExternalEventSequence { get; init; }

    /// <summary>
    /// The number of the attempt that appends. An append of an attempt that is over is rejected with
    /// <c>ATTEMPT_LOST</c>, unless it repeats events that the log has.
    /// </summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public int? Attempt { get; init; }
}
