using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>An event of a run's log as its conversation lists it.</summary>
public sealed record ApiConversationEvent(long EventId, string EventType, JsonElement Event);
