using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>A form that a person, an agent or a system is asked to fill in while a run waits.</summary>
public sealed record InputForm
{
    /// <summary><see cref="ResponderTypes"/>: who is asked.</summary>
    [JsonPropertyName("requested_responder_type")]
    public required string RequestedResponderType { get; init; }

    /// <summary>1-1000 characters.</summary>
    [JsonPropertyName("title")]
    public required string Title { get; init; }

    /// <summary>At most 20,000 characters.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; init; }

    /// <summary>A JSON array of 1-100 values that describe the fields; not more than 64 KiB without white space, and 1 MiB with it.</summary>
    [JsonPropertyName("fields")]
    public required RawJson Fields { get; init; }

    /// <summary>A JSON object for the client that shows the form; not more than 64 KiB without white space, and 1 MiB with it.</summary>
    [JsonPropertyName("metadata")]
    public RawJson? Metadata { get; init; }
}

/// <summary>Who answered an input request, or called it off.</summary>
public sealed record InputResponder
{
    /// <summary><see cref="ResponderTypes"/>.</summary>
    [JsonPropertyName("actor_type")]
    public required string ActorType { get; init; }

    /// <summary>A user's, agent's or system's id, where it is known. 1-255 characters.</summary>
    [JsonPropertyName("actor_id")]
    public string? ActorId { get; init; }
}
