using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// The run has ended; nothing changes it any more. At-least-once, with the same message id each time. No order is promised between the events of a run.
/// </summary>
/// <remarks>Published by the service, once the outcome is stored for good: one message id for each run, whoever ended it and however often they said so.</remarks>
public sealed record RunFinished
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RunKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>Who the run belongs to.</summary>
    [JsonPropertyName("owner")]
    public required Owner Owner { get; init; }

    /// <summary><c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>Why it failed, or null.</summary>
    [JsonPropertyName("error")]
    public RunError? Error { get; init; }

    /// <summary>When it happened.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset OccurredAt { get; init; }
}
