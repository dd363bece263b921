using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A run was accepted for execution and is stored for good. Executors listen to this and read input and config with <c>GET /runs/{run_id}</c>.
/// At-least-once, with the same message id each time. No order is promised between the events of a run.
/// </summary>
/// <remarks>
/// Published by the service: one message id for each run. An executor must be idempotent by run id, and asks for the run's status or sends
/// <see cref="StartRun"/> before it works: the run may have ended by then, and its <see cref="RunFinished"/> may come first.
/// </remarks>
public sealed record RunAccepted
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

    /// <summary>A UUID: the conversation that the run lives in, or null.</summary>
    [JsonPropertyName("conversation_id")]
    public string? ConversationId { get; init; }

    /// <summary>A UUID: the assistant message that the run writes, or null.</summary>
    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }

    /// <summary>Names the worker implementation that may execute an agent run, or null.</summary>
    [JsonPropertyName("implementation_kind")]
    public string? ImplementationKind { get; init; }

    /// <summary>Pins one worker, or null.</summary>
    [JsonPropertyName("worker_key")]
    public string? WorkerKey { get; init; }

    /// <summary><c>pending</c>: somebody has to execute it. <c>running</c>: its creator does.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>When it happened.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset OccurredAt { get; init; }
}
