using System.Text.Json;
using System.Text.Json.Serialization;

namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>The body of a create.</summary>
public sealed record SubmitRunBody(
    [property: JsonPropertyName("public_id")] string PublicId,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("owner")] SubmitRunOwner Owner,
    [property: JsonPropertyName("request")] JsonElement Request);
