using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Execution has begun. At-least-once, with the same message id each time. No order is promised between the events of a run.
/// </summary>
/// <remarks>Published by the service: one message id for each run that began, none for a run that ended before it did.</remarks>
public sealed record RunStarted
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

    /// <summary>When it happened.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset OccurredAt { get; init; }
}
