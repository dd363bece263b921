using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The answer to a command that was understood and changed nothing.</summary>
/// <remarks>
/// Sent by the service to the sender of a command who asks for an answer; nobody else is told. The same command again is refused again as long as the run
/// is as it is, or with <c>STORE_UNAVAILABLE</c> as long as the store is away. Codes are added in time: one that is not known is a refusal like any other.
/// </remarks>
public sealed record RunRefused
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RefusalCodes"/>.</summary>
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    /// <summary>For people.</summary>
    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    /// <summary>With <c>REQUEST_DIFFERS</c>: JSON Pointers (RFC 6901) into the create request, one for each member that differs. Never values.</summary>
    [JsonPropertyName("differences")]
    public IReadOnlyList<string>? Differences { get; init; }
}
