using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>An event of a run's log. <paramref name="Payload"/> is the event as sent.</summary>
public sealed record ApiEvent(long EventId, string EventType, JsonElement Payload, string CreatedAt);
