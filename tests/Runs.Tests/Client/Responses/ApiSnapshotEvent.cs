using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>An event of a compacted log.</summary>
public sealed record ApiSnapshotEvent(long EventId, JsonElement Event);
