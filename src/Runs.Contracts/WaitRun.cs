using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Says that execution is paused: a running run becomes waiting until <see cref="ResumeRun"/>. Sent by whoever executes the run. A repeat for the
/// same wait changes nothing, also when the run was resumed meanwhile: that is told by the tool call, which is awaited once, or else by the message id. A pending run is started first.
/// </summary>
public sealed record WaitRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="WaitingReasons"/>.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>The tool call whose result is awaited; required when the reason is <c>tool</c> or there is an input request. 1-255 characters.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>The tool's name. 1-255 characters.</summary>
    [JsonPropertyName("tool_name")]
    public string? ToolName { get; init; }

    /// <summary>When waiting is given up and the run fails with code <c>WAIT_EXPIRED</c>. Without it the run waits as long as it takes.</summary>
    [JsonPropertyName("expires_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// The form that somebody is asked to fill in; with reason <c>input</c> only. One for each tool call: a repeat changes nothing, whatever became of the first.
    /// </summary>
    [JsonPropertyName("input_request")]
    public InputForm? InputRequest { get; init; }

    /// <summary>Who sends it.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The trace that it belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
