using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// The sender of a command. For the HTTP API it is derived from the credential; for any other publisher it is what that
/// publisher claims.
/// </summary>
public sealed record Actor
{
    /// <summary><see cref="ActorTypes"/>.</summary>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    /// <summary>The id of the user, worker or service, when it is known. 1-255 characters.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>The prefix of the API key, when one was used. 1-64 characters, ASCII letters and digits only.</summary>
    [JsonPropertyName("key_prefix")]
    public string? KeyPrefix { get; init; }

    /// <summary>The network address of the caller. 1-64 characters.</summary>
    [JsonPropertyName("address")]
    public string? Address { get; init; }
}
