using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The reply to <see cref="RenewLease"/>.</summary>
/// <remarks>
/// Sent by the service to the sender of a command that requests a reply, after the new end of the lease is stored
/// durably.
/// </remarks>
public sealed record LeaseRenewed
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>The number of the attempt that the command names.</summary>
    [JsonPropertyName("attempt")]
    public required int Attempt { get; init; }

    /// <summary>
    /// The new end of the lease; null when the attempt has ended, another worker holds the run, or it does not exist.
    /// </summary>
    [JsonPropertyName("lease_expires_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? LeaseExpiresAt { get; init; }
}
