using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>Who sent a command. From the HTTP API it is what the credential says; from another publisher it is what the publisher claims.</summary>
public sealed record Actor
{
    /// <summary><see cref="ActorTypes"/>.</summary>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    /// <summary>A user's, worker's or service's id, where it is known. 1-255 characters.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>The prefix of the API key, where one was used. 1-64 letters and digits.</summary>
    [JsonPropertyName("key_prefix")]
    public string? KeyPrefix { get; init; }

    /// <summary>The network address that the call came from. 1-64 characters.</summary>
    [JsonPropertyName("address")]
    public string? Address { get; init; }
}
