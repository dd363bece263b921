using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Execution of the run is paused. Delivered at least once, always with the same message id. The order of a run's
/// events is not guaranteed.
/// </summary>
/// <remarks>Published by the service with one message id for each wait.</remarks>
public sealed record RunWaiting
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

    /// <summary><see cref="WaitingReasons"/>.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>The awaited tool call, or null.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>The tool's name, or null.</summary>
    [JsonPropertyName("tool_name")]
    public string? ToolName { get; init; }

    /// <summary>The time at which the wait expires, or null.</summary>
    [JsonPropertyName("expires_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The time of the event.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset OccurredAt { get; init; }
}
