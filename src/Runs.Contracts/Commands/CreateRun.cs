using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Creates a run. The command is safe to send any number of times: one run is created for each tenant and run id,
/// regardless of how often it is requested and by which senders.
/// </summary>
/// <remarks>
/// Sent by the ingress API for <c>POST /runs</c>, and by any other service. When the sender requests a reply, it
/// receives <see cref="RunSnapshot"/> after the run is stored, or <see cref="RunRejected"/> when the run is not
/// created. An invalid message goes to the error queue. The publisher generates the run id before it publishes: without
/// a run id, a create cannot be retried. A repeat under the same message id gets the same reply as the first delivery;
/// a repeat under another message id gets a reply whose <see cref="RunSnapshot.Changed"/> is false. Other commands on
/// the run may overtake its create; only a cancel that requests no reply is stored and applied to it.
/// </remarks>
public sealed record CreateRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>
    /// The run's id and the idempotency key of the create: 1-128 of <c>A-Z a-z 0-9 _ . : -</c>, not starting with a dot
    /// or colon.
    /// </summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RunKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>The project or conversation that the run belongs to, with its id in lower case.</summary>
    [JsonPropertyName("owner")]
    public required Owner Owner { get; init; }

    /// <summary>
    /// What to execute: a JSON object whose members depend on the kind. <c>POST /runs</c> in <c>/openapi.json</c>
    /// documents them.
    /// </summary>
    [JsonPropertyName("request")]
    public required RawJson Request { get; init; }

    /// <summary>The id of an existing run of the same tenant. The new run joins the tree of that run.</summary>
    [JsonPropertyName("parent_run_id")]
    public string? ParentRunId { get; init; }

    /// <summary>The message and tool call that spawned the run.</summary>
    [JsonPropertyName("trigger")]
    public RunTrigger? Trigger { get; init; }

    /// <summary><see cref="ConversationModes"/>; agent runs only.</summary>
    [JsonPropertyName("conversation_mode")]
    public string? ConversationMode { get; init; }

    /// <summary>
    /// A UUID in lower case: the conversation of the run. Required with <see cref="ConversationModes.Existing"/>,
    /// otherwise allowed only when the owner is a conversation. Must be the id of the owner when that is a
    /// conversation.
    /// </summary>
    [JsonPropertyName("conversation_id")]
    public string? ConversationId { get; init; }

    /// <summary>A UUID: the user on whose behalf the run is created.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; init; }

    /// <summary><see cref="TriggerKinds"/>; <c>api</c> when absent.</summary>
    [JsonPropertyName("trigger_kind")]
    public string? TriggerKind { get; init; }

    /// <summary>The id of the schedule or webhook that fired the run, if one did. 1-255 characters.</summary>
    [JsonPropertyName("trigger_id")]
    public string? TriggerId { get; init; }

    /// <summary>A UUID in lower case: the schedule that fired the run.</summary>
    [JsonPropertyName("schedule_id")]
    public string? ScheduleId { get; init; }

    /// <summary>
    /// The time after which the run must not be created, because the caller has given up and may have sent a new create
    /// under another id.
    /// </summary>
    [JsonPropertyName("expires_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// Whether to reject a repeat whose request differs from the stored one, with the list of members that differ,
    /// instead of replying with the stored run.
    /// </summary>
    [JsonPropertyName("strict")]
    public bool Strict { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }

    /// <summary>
    /// The trace context of the sender as in the header <c>traceparent</c> of W3C Trace Context, version 00:
    /// <c>00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01</c>. Workers link their spans to it.
    /// </summary>
    [JsonPropertyName("trace_parent")]
    public string? TraceParent { get; init; }
}
