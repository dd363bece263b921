using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Asks for a run to exist. Safe to send any number of times: one run is created per tenant and run id, however often it is asked for and by
/// whom, and nothing is executed twice.
/// </summary>
/// <remarks>
/// Sent by the ingress API for <c>POST /runs</c>, and by any other service. The answer, for those who ask for one, is <see cref="RunSnapshot"/>
/// once the run is stored, or <see cref="RunRefused"/> when it is not going to be. A message that cannot be right (see
/// <see cref="CreateRunRules"/>) goes to the error queue. Publishers without a run id of their own make one before they publish; a message
/// without it is not a create that can be retried. A repeat under the same message id is told what the first was told, one under another message id
/// that it changed nothing. Commands on the run may overtake this one: only a cancel that asks for no answer is kept for it.
/// </remarks>
public sealed record CreateRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, 1-128 of <c>A-Z a-z 0-9 _ . : -</c>, not starting with a dot or colon: the idempotency key of the create.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RunKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>The project or conversation that the run belongs to, its id in lower case.</summary>
    [JsonPropertyName("owner")]
    public required Owner Owner { get; init; }

    /// <summary>
    /// What to execute: a JSON object, by kind. <see cref="RunRequest"/> has its members, and so has <c>POST /runs</c> in <c>/openapi.json</c>.
    /// </summary>
    [JsonPropertyName("request")]
    public required RawJson Request { get; init; }

    /// <summary>The id of an existing run of the same tenant; the new run joins its tree.</summary>
    [JsonPropertyName("parent_run_id")]
    public string? ParentRunId { get; init; }

    /// <summary>The message and tool call that spawned the run.</summary>
    [JsonPropertyName("trigger")]
    public RunTrigger? Trigger { get; init; }

    /// <summary><see cref="ConversationModes"/>; agent runs only.</summary>
    [JsonPropertyName("conversation_mode")]
    public string? ConversationMode { get; init; }

    /// <summary>A UUID in lower case; with <see cref="ConversationModes.Existing"/>, or equal to a conversation owner's id.</summary>
    [JsonPropertyName("conversation_id")]
    public string? ConversationId { get; init; }

    /// <summary>A UUID: the user on whose behalf the run is created.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; init; }

    /// <summary><see cref="TriggerKinds"/>; <c>api</c> when absent.</summary>
    [JsonPropertyName("trigger_kind")]
    public string? TriggerKind { get; init; }

    /// <summary>What fired the run, where something did: a schedule's or webhook's id. 1-255 characters.</summary>
    [JsonPropertyName("trigger_id")]
    public string? TriggerId { get; init; }

    /// <summary>A UUID in lower case: the schedule that fired the run.</summary>
    [JsonPropertyName("schedule_id")]
    public string? ScheduleId { get; init; }

    /// <summary>After this time the run must not be created any more: the caller has given up and may have asked anew under another id.</summary>
    [JsonPropertyName("expires_at")]
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Refuse a repeat whose request differs from the stored one, and say which members differ, instead of answering with the stored run.</summary>
    [JsonPropertyName("strict")]
    public bool Strict { get; init; }

    /// <summary>Who sends it.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The trace that it belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
