using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Execution of the run has begun. Delivered at least once, always with the same message id. The order of a run's
/// events is not guaranteed.
/// </summary>
/// <remarks>
/// Published by the service with one message id for each run that started. Not published for a run that ended before it
/// started.
/// </remarks>
public sealed record RunStarted
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

    /// <summary>The number of the attempt: 1. Null in events of releases that did not count attempts.</summary>
    [JsonPropertyName("attempt")]
    public int? Attempt { get; init; }

    /// <summary>The worker that claimed the run; null when the run was started without a claim.</summary>
    [JsonPropertyName("worker_id")]
    public string? WorkerId { get; init; }

    /// <summary>The time of the event.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset OccurredAt { get; init; }
}
