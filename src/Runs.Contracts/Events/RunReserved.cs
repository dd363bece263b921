using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A pending run was created that must not be executed before <see cref="RunAccepted"/>: an agent run without input, or
/// a run whose start is delayed. Delivered at least once, always with the same message id. The order of a run's events
/// is not guaranteed.
/// </summary>
/// <remarks>
/// Published by the service after the run is stored durably, with one message id for each run that is reserved.
/// </remarks>
public sealed record RunReserved
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

    /// <summary>The id of the parent run, or null for a root run.</summary>
    [JsonPropertyName("parent_run_id")]
    public string? ParentRunId { get; init; }

    /// <summary>The id of the root run of the tree; a root run has its own id here.</summary>
    [JsonPropertyName("root_run_id")]
    public required string RootRunId { get; init; }

    /// <summary>The time of the event.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset OccurredAt { get; init; }
}
