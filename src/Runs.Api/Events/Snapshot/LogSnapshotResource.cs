namespace Runs.Api.Events;

/// <summary>A snapshot of a log, with its deltas merged.</summary>
/// <param name="AfterEventId">The <c>Last-Event-ID</c> from which to continue.</param>
/// <param name="Events">Oldest first. A merged event has the id of the first of its events.</param>
public sealed record LogSnapshotResource(long AfterEventId, IReadOnlyList<LogSnapshotEventResource> Events);
