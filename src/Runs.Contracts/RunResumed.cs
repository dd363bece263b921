using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// What the run waited for has come; execution goes on. At-least-once, with the same message id each time. No order is promised between the events of a run.
/// </summary>
/// <remarks>Published by the service: one message id for each wait that ended so. Whoever executes the run listens to it, and goes on with the result.</remarks>
public sealed record RunResumed
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

    /// <summary>The tool call that was answered, or null.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>What came: any JSON value.</summary>
    [JsonPropertyName("result")]
    public RawJson Result { get; init; } = RawJson.Null;

    /// <summary>Whether the tool failed.</summary>
    [JsonPropertyName("is_error")]
    public bool IsError { get; init; }

    /// <summary>When it happened.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset OccurredAt { get; init; }
}
