using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A pending agent run exists that has no input yet; nothing is to be executed until <see cref="RunAccepted"/>.
/// At-least-once, with the same message id each time. No order is promised between the events of a run.
/// </summary>
/// <remarks>Published by the service, once the run is stored for good: one message id for each run that is reserved.</remarks>
public sealed record RunReserved
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

    /// <summary>What it executes, as <c>kind:id</c>.</summary>
    [JsonPropertyName("target")]
    public string? Target { get; init; }

    /// <summary>The parent's id, or null for a root.</summary>
    [JsonPropertyName("parent_run_id")]
    public string? ParentRunId { get; init; }

    /// <summary>The id of the root of its tree; its own for a root.</summary>
    [JsonPropertyName("root_run_id")]
    public required string RootRunId { get; init; }

    /// <summary>When it happened.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset OccurredAt { get; init; }
}
