using Runs.Contracts;

namespace Runs.Store;

/// <summary>An event of a run's log. It is immutable once stored.</summary>
/// <param name="EventId">1 for the first event of the run, then without gaps.</param>
/// <param name="EventType">One of <see cref="RunEventTypes"/>, or any other type.</param>
/// <param name="Public">Whether the event is visible to readers.</param>
/// <param name="ExternalSequence">
/// 1 for the first public event that an external caller appended, then without gaps; null for all other events.
/// </param>
/// <param name="CreatedAt">When the event was logged; never earlier than the preceding event.</param>
/// <param name="Event">The event, exactly as sent.</param>
public sealed record RunEvent(long EventId, string EventType, bool Public, long? ExternalSequence, DateTimeOffset CreatedAt, RawJson Event)
    : StoredRecord
{
    /// <summary>Returns whether this service wrote the event, as opposed to an executor.</summary>
    public bool IsSystemGenerated() =>
        ExternalSequence is null && EventType is RunEventTypes.RunStarted or RunEventTypes.RunFinished or RunEventTypes.RunError;
}
