using Runs.Contracts;

namespace Runs.Client;

/// <summary>An event of a run's log.</summary>
public sealed record RunEvent
{
    /// <summary>Ascending within the run, from 1. Gaps are events that readers do not get.</summary>
    public required long EventId { get; init; }

    /// <summary>The event's <c>type</c>, such as <see cref="RunEventTypes.RunFinished"/>.</summary>
    public required string EventType { get; init; }

    /// <summary>The event as it was appended: a JSON object.</summary>
    public required RawJson Payload { get; init; }
}
