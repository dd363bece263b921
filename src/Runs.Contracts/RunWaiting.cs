using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Execution is paused. At-least-once, with the same message id each time. No order is promised between the events of a run.
/// </summary>
/// <remarks>Published by the service: one message id for each wait.</remarks>
public sealed record RunWaiting
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

    /// <summary><see cref="WaitingReasons"/>.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>The awaited tool call, or null.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>The tool's name, or null.</summary>
    [JsonPropertyName("tool_name")]
    public string? ToolName { get; init; }

    /// <summary>When waiting is given up, or null.</summary>
    [JsonPropertyName("expires_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it happened.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset OccurredAt { get; init; }
}
