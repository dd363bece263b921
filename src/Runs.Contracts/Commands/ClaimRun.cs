using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Takes a run for execution: its next attempt begins, and the sender holds the run until the lease ends. Sent by a
/// worker for a run that is ready, which <see cref="RunAccepted"/> and <see cref="RunReady"/> announce. Of several
/// claims of a run, one succeeds. A repeat with the same <see cref="ClaimId"/> gets the same reply while the attempt is
/// current; later, it is rejected.
/// </summary>
/// <remarks>
/// The reply is <see cref="RunSnapshot"/> with <see cref="RunSnapshot.Claim"/>, or <see cref="RunRejected"/>: with
/// <see cref="RejectionCodes.RunNotClaimable"/> when the run is not ready or is in another pool, with
/// <see cref="RejectionCodes.RunNotActive"/> when it has ended, with <see cref="RejectionCodes.Expired"/> after
/// <see cref="ExpiresAt"/>, and with <see cref="RejectionCodes.RunNotFound"/>. Some
/// seconds after the end of the lease, the attempt is lost and another one may follow. The service does not check the
/// <c>implementation_kind</c> and <c>worker_key</c> of the run; the worker must.
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

    /// <summary>
    /// How long the worker holds the run: 5-300 seconds. The default of the service, 60, when absent.
    /// </summary>
    [JsonPropertyName("lease_seconds")]
    public int? LeaseSeconds { get; init; }

    /// <summary>
    /// Whether <see cref="CompleteRun"/>, <see cref="WaitRun"/> and appends must name the attempt while it is current.
    /// Without it, a message that names none is accepted, also from a worker that has lost the run.
    /// </summary>
    [JsonPropertyName("fenced")]
    public bool Fenced { get; init; }

    /// <summary>
    /// The time after which the run must not be claimed, because the worker no longer waits for the reply.
    /// </summary>
    [JsonPropertyName("expires_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
