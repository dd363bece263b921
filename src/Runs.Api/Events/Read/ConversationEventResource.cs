using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>An event of a run's log, as its conversation shows it.</summary>
public sealed record ConversationEventResource
{
    /// <summary>Ascending within the run, from 1. Gaps are hidden events.</summary>
    public required long EventId { get; init; }

    /// <summary>The event's <c>type</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>The event as sent: an object with a <c>type</c>.</summary>
    [JsonObject]
    public required RawJson Event { get; init; }

    internal static ConversationEventResource From(RunEvent runEvent) => new()
    {
        EventId = runEvent.EventId,
        EventType = runEvent.EventType,
        Event = runEvent.Event,
    };
}
