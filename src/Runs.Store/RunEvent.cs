using Runs.Contracts;

namespace Runs.Store;

/// <summary>An event of a run's log. Never changed once it is stored.</summary>
/// <param name="EventId">1 for the first of the run, then without gaps.</param>
/// <param name="EventType"><see cref="RunEventTypes"/>, or any other.</param>
/// <param name="Public">Whether readers are shown it.</param>
/// <param name="ExternalSequence">1 for the first public event that was appended from outside, then without gaps; null for all others.</param>
/// <param name="CreatedAt">When it was logged; never before the one in front of it.</param>
/// <param name="Event">The event, as it was sent.</param>
public sealed record RunEvent(long EventId, string EventType, bool Public, long? ExternalSequence, DateTimeOffset CreatedAt, RawJson Event)
{
    /// <summary>Whether the service wrote it, and no executor.</summary>
    public bool IsOwn() => ExternalSequence is null && EventType is RunEventTypes.RunStarted or RunEventTypes.RunFinished or RunEventTypes.RunError;
}
