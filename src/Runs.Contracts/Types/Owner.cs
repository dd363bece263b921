using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The project or conversation that a run belongs to.</summary>
public sealed record Owner
{
    /// <summary><see cref="OwnerKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>A UUID: the id of the project or conversation.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }
}
