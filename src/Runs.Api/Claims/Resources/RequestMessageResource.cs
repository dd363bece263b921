using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Api.Claims;

/// <summary>A message of the input of an agent run.</summary>
public sealed record RequestMessageResource
{
    /// <summary>The message's id.</summary>
    public required string Id { get; init; }

    /// <summary>Who wrote it, such as <c>user</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The parts: objects with a <c>type</c>.</summary>
    public required IReadOnlyList<RawJson> Parts { get; init; }

    /// <summary>The metadata, as sent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonObject]
    public RawJson? Metadata { get; init; }

    /// <summary>When the message was written, as sent.</summary>
    [JsonPropertyName("createdAt")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CreatedAt { get; init; }
}
