using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Takes a run for execution: its next attempt begins, and the sender holds the run until the lease ends. Sent by a
/// worker for a run that is ready, which <see cref="RunAccepted"/> and <see cref="RunReady"/> announce. Of several
/// claims of a run, one succeeds. A repeat with the same <see cref="ClaimId"/> gets the same reply.
/// </summary>
/// <remarks>
/// The reply is <see cref="RunSnapshot"/> with <see cref="RunSnapshot.Claim"/>, or <see cref="RunRejected"/> with
/// <see cref="RejectionCodes.RunNotClaimable"/> when the run is not ready: another worker holds it, it waits, or its
/// time has not come. When the lease ends before the attempt does, the attempt is lost and the run is ready again; the
/// number of the attempt tells which worker may still report.
/// </remarks>
public sealed record ClaimRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>
    /// A UUID in lower case that the worker generates for each claim, so that a repeated claim is recognized.
    /// </summary>
    [JsonPropertyName("claim_id")]
    public required string ClaimId { get; init; }

    /// <summary>The worker that takes the run. 1-128 characters.</summary>
    [JsonPropertyName("worker_id")]
    public required string WorkerId { get; init; }

    /// <summary>The process of the worker, when several processes are one worker. 1-128 characters.</summary>
    [JsonPropertyName("instance_id")]
    public string? InstanceId { get; init; }

    /// <summary>The worker's key, for people who read the attempts of the run. 1-128 characters.</summary>
    [JsonPropertyName("worker_key")]
    public string? WorkerKey { get; init; }

    /// <summary>
    /// The pool in which the worker found the run. A run that is in another pool by now is not claimed. When absent,
    /// the pool does not matter. 1-512 characters.
    /// </summary>
    [JsonPropertyName("pool")]
    public string? Pool { get; init; }

    /// <summary>How long the worker holds the run without a renewal: 5-300 seconds. 60 when absent.</summary>
    [JsonPropertyName("lease_seconds")]
    public int? LeaseSeconds { get; init; }

    /// <summary>
    /// Whether a message that changes the run must name the attempt. Without it, a message that names none is accepted,
    /// also from a worker that has lost the run.
    /// </summary>
    [JsonPropertyName("fenced")]
    public bool Fenced { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
