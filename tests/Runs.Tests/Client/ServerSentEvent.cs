using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>An event as a stream sent it.</summary>
public sealed record ServerSentEvent(long Id, string Type, JsonElement Data);
