using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// The run received the result that it waited for. Execution continues, or after the next claim if no worker holds the
/// run. Delivered at least once, always with the same message id. The order of a run's events is not guaranteed.
/// </summary>
/// <remarks>
/// Published by the service with one message id for each wait that ended this way. The executor of the run subscribes
/// to this event and continues with the result.
/// </remarks>
public sealed record RunResumed
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

    /// <summary>The tool call that was answered, or null.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>The result that the run waited for: any JSON value.</summary>
    [JsonPropertyName("result")]
    public RawJson Result { get; init; } = RawJson.Null;

    /// <summary>Whether the tool failed.</summary>
    [JsonPropertyName("is_error")]
    public bool IsError { get; init; }

    /// <summary>The time of the event.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset OccurredAt { get; init; }
}
