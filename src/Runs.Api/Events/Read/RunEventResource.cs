using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>An event of a run's log.</summary>
public sealed record RunEventResource
{
    /// <summary>Ascending within the run, from 1. Gaps are hidden events.</summary>
    public required long EventId { get; init; }

    /// <summary>The event's <c>type</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>The event as sent: an object with a <c>type</c>.</summary>
    [JsonObject]
    public required RawJson Payload { get; init; }

    /// <summary>When the event was appended.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    internal static RunEventResource From(RunEvent runEvent) => new()
    {
        EventId = runEvent.EventId,
        EventType = runEvent.EventType,
        Payload = runEvent.Event,
        CreatedAt = runEvent.CreatedAt,
    };
}
