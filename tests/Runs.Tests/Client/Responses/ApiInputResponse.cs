using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>A response to a request for input.</summary>
public sealed record ApiInputResponse(string Id, string ActorType, string? ActorId, JsonElement Values);
