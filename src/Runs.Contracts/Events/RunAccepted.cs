using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A run may be executed: it is stored durably, has its input, and its time has come. Executors subscribe to this
/// event, and read input and config with <c>GET /runs/{run_id}</c>. Delivered at least once, always with the same
/// message id. The order of a run's events is not guaranteed.
/// </summary>
/// <remarks>
/// Published by the service with one message id for each run. An executor must be idempotent by run id. It reads the
/// run's status, or sends <see cref="ClaimRun"/> or <see cref="StartRun"/>, before it executes anything, because the
/// run may have ended already, and its <see cref="RunFinished"/> may arrive first.
/// </remarks>
public sealed record RunAccepted
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

    /// <summary>A UUID: the conversation of the run, or null.</summary>
    [JsonPropertyName("conversation_id")]
    public string? ConversationId { get; init; }

    /// <summary>A UUID: the assistant message that the run writes, or null.</summary>
    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }

    /// <summary>The worker implementation that may execute an agent run, or null.</summary>
    [JsonPropertyName("implementation_kind")]
    public string? ImplementationKind { get; init; }

    /// <summary>The key of the only worker that may execute the run, or null.</summary>
    [JsonPropertyName("worker_key")]
    public string? WorkerKey { get; init; }

    /// <summary><c>pending</c>: an executor must execute the run. <c>running</c>: its creator executes it.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>The time of the event.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset OccurredAt { get; init; }
}
