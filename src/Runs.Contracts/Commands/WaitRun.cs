using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Reports that execution is paused: a running run becomes waiting until <see cref="ResumeRun"/>. Sent by the executor
/// of the run. A repeat for the same wait changes nothing, even when the run was resumed in the meantime: the service
/// recognizes it by the tool call, which is awaited once, or otherwise by the message id. A pending run is started
/// first.
/// </summary>
public sealed record WaitRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="WaitingReasons"/>.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>
    /// The tool call whose result is awaited. Required when the reason is <c>tool</c>, or with an input request. 1-255
    /// characters.
    /// </summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>The tool's name. 1-255 characters.</summary>
    [JsonPropertyName("tool_name")]
    public string? ToolName { get; init; }

    /// <summary>
    /// The time at which the wait expires and the run fails with code <c>WAIT_EXPIRED</c>. When absent, the wait never
    /// expires.
    /// </summary>
    [JsonPropertyName("expires_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// The form of an input request; allowed with reason <c>input</c> only. Each tool call has one form: a repeat
    /// changes nothing, regardless of the state of the first. When the attempt that requested it failed without a
    /// response, the next attempt may request it again.
    /// </summary>
    [JsonPropertyName("input_request")]
    public InputForm? InputRequest { get; init; }

    /// <summary>
    /// The number of the attempt that waits. A wait that names an attempt that is over
    /// changes nothing. 1 or more.
    /// </summary>
    [JsonPropertyName("attempt")]
    public int? Attempt { get; init; }

    /// <summary>
    /// Whether the worker releases the run while it waits. The attempt ends, and when the result arrives, the run is
    /// ready for the next one. Without it, the worker keeps its lease. Requires <see cref="Attempt"/>.
    /// </summary>
    [JsonPropertyName("release")]
    public bool Release { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
