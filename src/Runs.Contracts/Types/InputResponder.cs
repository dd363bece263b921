using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The person, agent or system that answered or cancelled an input request.</summary>
public sealed record InputResponder
{
    /// <summary><see cref="ResponderTypes"/>.</summary>
    [JsonPropertyName("actor_type")]
    public required string ActorType { get; init; }

    /// <summary>The id of the user, agent or system, when it is known. 1-255 characters.</summary>
    [JsonPropertyName("actor_id")]
    public string? ActorId { get; init; }
}
