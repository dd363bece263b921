using System.Text.Json.Serialization;

namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>The owner of the run.</summary>
public sealed record SubmitRunOwner(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("id")] string Id);
