using Runs.Contracts;

namespace Runs.Api.Events;

/// <summary>An event of a snapshot.</summary>
/// <param name="EventId">Ascending.</param>
/// <param name="Event">The event. Its <c>delta</c> may be merged from several events.</param>
public sealed record LogSnapshotEventResource(long EventId, [property: JsonObject] RawJson Event);
