using System.Text.Json.Nodes;

namespace Runs.Client.Http;

/// <summary>The body of an append.</summary>
internal sealed record AppendBody(
    IReadOnlyList<JsonObject> Events, long? ExpectedPreviousEventId, long? ExpectedPreviousExternalEventSequence, int? Attempt);
