using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Extends the lease of a claimed run: the sender holds it for another <see cref="LeaseSeconds"/> from now. Sent by the
/// worker that holds the run, at about a third of the lease. A repeat extends the lease again.
/// </summary>
/// <remarks>
/// The reply is <see cref="LeaseRenewed"/>. Its <see cref="LeaseRenewed.LeaseExpiresAt"/> is null when the attempt has
/// ended: the worker must stop. A renewal succeeds as long as the attempt is current, also after the end of the lease.
/// It changes nothing else of the run and publishes no event.
/// </remarks>
public sealed record RenewLease
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>The worker that holds the run, as in its claim. 1-128 characters.</summary>
    [JsonPropertyName("worker_id")]
    public required string WorkerId { get; init; }

    /// <summary>The number of the attempt, from the reply to the claim. 1 or more.</summary>
    [JsonPropertyName("attempt")]
    public required int Attempt { get; init; }

    /// <summary>The new duration of the lease: 5-300 seconds. The default of the service, 60, when absent.</summary>
    [JsonPropertyName("lease_seconds")]
    public int? LeaseSeconds { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
