using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A run that has been executed may be claimed again: its next attempt can begin. The first time,
/// <see cref="RunAccepted"/> announces it. Delivered at least once, always with the same message id. The order of a
/// run's events is not guaranteed.
/// </summary>
/// <remarks>
/// Published by the service with one message id each time the run becomes ready. The run may have been claimed or ended
/// in the meantime: only <see cref="ClaimRun"/> decides.
/// </remarks>
public sealed record RunReady
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RunKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>The project or conversation that the run belongs to.</summary>
    [JsonPropertyName("owner")]
    public required Owner Owner { get; init; }

    /// <summary>The target that the run executes, as <c>kind:id</c>.</summary>
    [JsonPropertyName("target")]
    public string? Target { get; init; }

    /// <summary>The worker implementation that may execute an agent run, or null.</summary>
    [JsonPropertyName("implementation_kind")]
    public string? ImplementationKind { get; init; }

    /// <summary>
    /// The key of the only worker that may execute the run, or null. The service does not check it in a claim.
    /// </summary>
    [JsonPropertyName("worker_key")]
    public string? WorkerKey { get; init; }

    /// <summary>The number that the next attempt will have.</summary>
    [JsonPropertyName("attempt_next")]
    public required int AttemptNext { get; init; }

    /// <summary><see cref="ReadyReasons"/>.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>The time of the event.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset OccurredAt { get; init; }
}
