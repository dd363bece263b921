using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The error of a failed run.</summary>
public sealed record RunError
{
    /// <summary>A human-readable message. Never empty.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    /// <summary>A machine-readable code, such as <c>TIMEOUT</c>. Omitted, never null, when there is none.</summary>
    [JsonPropertyName("code")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>Further details, any JSON value. Omitted when there are none.</summary>
    [JsonPropertyName("detail")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? Detail { get; init; }
}
