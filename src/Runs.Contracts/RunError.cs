using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>Why a run failed.</summary>
public sealed record RunError
{
    /// <summary>For people. Never empty.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    /// <summary>For programs, such as <c>TIMEOUT</c>. Left out, never null, when there is none.</summary>
    [JsonPropertyName("code")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>Anything more. Left out when there is none.</summary>
    [JsonPropertyName("detail")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? Detail { get; init; }
}
