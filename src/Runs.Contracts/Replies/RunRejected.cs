using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The reply to a rejected command: a valid command that changed nothing.</summary>
/// <remarks>
/// Sent by the service only to the sender of a command that requests a reply. The same command is rejected again while
/// the state of the run is unchanged; with <c>STORE_UNAVAILABLE</c>, while the store is unavailable. New codes may be
/// added: handle an unknown code as a rejection like any other.
/// </remarks>
public sealed record RunRejected
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RejectionCodes"/>.</summary>
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    /// <summary>A human-readable explanation.</summary>
    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    /// <summary>
    /// With <c>REQUEST_DIFFERS</c>: JSON Pointers (RFC 6901) into the create request, one for each member that differs.
    /// Never contains values.
    /// </summary>
    [JsonPropertyName("differences")]
    public IReadOnlyList<string>? Differences { get; init; }
}
