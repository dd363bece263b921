using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// A run as it is stored: one document that holds its whole life. The members stand in the order in which a person reads them in the database;
/// their stored names are those of the HTTP API, in snake_case.
/// </summary>
/// <remarks>Times have whole milliseconds, in UTC, as <see cref="UtcMilliseconds.Truncate"/> makes them.</remarks>
public sealed class Run
{
    /// <summary>
    /// The status of a run that does not exist yet: its cancel overtook its create. It keeps the id, so that the create finds the cancel; nobody is shown it.
    /// </summary>
    public const string CalledOff = "called_off";

    /// <summary><see cref="RunKey.Of"/> tenant and run id. Its uniqueness is the one lock of the system: it finds duplicates.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account that the run belongs to.</summary>
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    public required string RunId { get; init; }

    /// <summary><see cref="RunKinds"/>.</summary>
    public string Kind { get; set; } = null!;

    /// <summary><see cref="RunStatuses"/>, or <see cref="CalledOff"/>.</summary>
    public string Status { get; set; } = null!;

    /// <summary>1 when inserted, one more with every replace. Events that are appended to the log leave it alone.</summary>
    public long Version { get; set; }

    /// <summary>Who the run belongs to.</summary>
    public Owner Owner { get; set; } = null!;

    /// <summary>The owner's id when the owner is a project; what project lists select by.</summary>
    public string? ProjectId { get; set; }

    /// <summary>The conversation that the run lives in.</summary>
    public string? ConversationId { get; set; }

    /// <summary>The assistant message that the run writes.</summary>
    public string? MessageId { get; set; }

    /// <summary>The parent's run id.</summary>
    public string? ParentRunId { get; set; }

    /// <summary>The run id of the root of the tree; its own for a root.</summary>
    public string RootRunId { get; set; } = null!;

    /// <summary>How many runs are above it in its tree; null for a root, and for runs of releases that did not count.</summary>
    public int? Depth { get; set; }

    /// <summary>What spawned the run.</summary>
    public RunTrigger? Trigger { get; set; }

    /// <summary><see cref="ConversationModes"/>.</summary>
    public string? ConversationMode { get; set; }

    /// <summary>What it executes, as <c>kind:id</c>.</summary>
    public string? Target { get; set; }

    /// <summary>Agent runs.</summary>
    public string? AgentId { get; set; }

    /// <summary>Workflow runs.</summary>
    public string? WorkflowId { get; set; }

    /// <summary>A display name.</summary>
    public string? Name { get; set; }

    /// <summary>A UUID that groups runs.</summary>
    public string? BatchId { get; set; }

    /// <summary>A UUID: the schedule that fired the run.</summary>
    public string? ScheduleId { get; set; }

    /// <summary>Names the worker implementation that may claim the run.</summary>
    public string? ImplementationKind { get; set; }

    /// <summary>Pins one worker.</summary>
    public string? WorkerKey { get; set; }

    /// <summary>Where the agent's source comes from.</summary>
    public string? SourceTargetKind { get; set; }

    /// <summary>A UUID.</summary>
    public string? SourceTargetEnvironmentId { get; set; }

    /// <summary>A UUID.</summary>
    public string? SourceTargetBranchId { get; set; }

    /// <summary>A release.</summary>
    public string? SourceTargetReleaseVersion { get; set; }

    /// <summary>Where the run executes.</summary>
    public string? RuntimeTargetKind { get; set; }

    /// <summary>A UUID.</summary>
    public string? RuntimeTargetEnvironmentId { get; set; }

    /// <summary>A UUID.</summary>
    public string? RuntimeTargetBranchId { get; set; }

    /// <summary>The input, as it was sent.</summary>
    public RawJson? Input { get; set; }

    /// <summary>The config, as it was sent.</summary>
    public RawJson? Config { get; set; }

    /// <summary>Free text.</summary>
    public string? StartMode { get; set; }

    /// <summary>Seconds that one execution may take.</summary>
    public int? TimeoutSeconds { get; set; }

    /// <summary>Further attempts after a failure.</summary>
    public int? BackoffLimit { get; set; }

    /// <summary><see cref="TriggerKinds"/>.</summary>
    public string? TriggerKind { get; set; }

    /// <summary>What fired the run.</summary>
    public string? TriggerId { get; set; }

    /// <summary>A UUID: the user who created it.</summary>
    public string? CreatedBy { get; set; }

    /// <summary><see cref="WaitingReasons"/>; only while waiting.</summary>
    public string? WaitingReason { get; set; }

    /// <summary>The awaited tool call; only while waiting.</summary>
    public string? WaitingToolCallId { get; set; }

    /// <summary>The awaited tool's name; only while waiting.</summary>
    public string? WaitingToolName { get; set; }

    /// <summary>The result, as it was sent.</summary>
    public RawJson? Output { get; set; }

    /// <summary>What the executor told at the end.</summary>
    public RawJson? Metadata { get; set; }

    /// <summary>Why the run failed.</summary>
    public RunError? Error { get; set; }

    /// <summary>Log text.</summary>
    public string? Logs { get; set; }

    /// <summary>A JSON array, as it was sent.</summary>
    public RawJson? Artifacts { get; set; }

    /// <summary>The process exit code.</summary>
    public int? ExitCode { get; set; }

    /// <summary>Milliseconds from start to end.</summary>
    public long? DurationMs { get; set; }

    /// <summary>The acceptance. With <see cref="Id"/> it is the order of every list.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The last change.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>When it first ran.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>When something happens to the run by itself: its timeout, the end of its wait, the expiry of a reservation.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>The id of the last event of the run's log; 0 before the first.</summary>
    public long LatestEventId { get; set; }

    /// <summary>The number of public events that were appended from outside.</summary>
    public long LatestExternalEventSequence { get; set; }

    /// <summary>When the last event was logged: what an operator looks at to find a run that has gone silent.</summary>
    public DateTimeOffset? LatestEventAt { get; set; }

    /// <summary>The forms that somebody was asked to fill in, oldest first. At most one is open, while the run waits for it.</summary>
    public List<InputRequest> InputRequests { get; set; } = [];

    /// <summary>The members of the create's <c>request</c> as they were sent, but for <c>input</c> and <c>config</c>, which stand above.</summary>
    public RawJson Request { get; set; }

    /// <summary>The size of what was sent to make the run, in bytes: the store's documents have an end.</summary>
    public long RequestBytes { get; set; }

    /// <summary>The create, and the start of a reserved run where there was one: what tells a redelivery and a repeat from a different request.</summary>
    public List<AcceptedRequest> AcceptedRequests { get; set; } = [];

    /// <summary>The tool calls that were answered: what tells a repeated answer from a different one.</summary>
    public List<ToolResult> ToolResults { get; set; } = [];

    /// <summary>
    /// The ids of the last messages that paused the run or let it go on, oldest first, so that none of them does it again when it is delivered once more after others.
    /// </summary>
    public List<Guid> PausedBy { get; set; } = [];

    /// <summary>The id of the message that ended the run, so that its redelivery is told that it did.</summary>
    public Guid? FinishedBy { get; set; }

    /// <summary>Who changed the run: the last changes, oldest first. Each is part of the write that it tells of.</summary>
    public List<RunChange> ChangedBy { get; set; } = [];

    /// <summary>
    /// Events of the log that the write of the run recorded and that still have to be put where the log is: none, or the last ones. For readers there is
    /// <see cref="IRunStore.Events"/>, which knows both places.
    /// </summary>
    public List<RunEvent> RecentEvents { get; set; } = [];

    /// <summary>What must still be told to others, recorded by the write that made it true. Empty most of the time.</summary>
    public List<OutboxMessage> Outbox { get; set; } = [];
}

/// <summary>A change of a run, and who made it.</summary>
/// <param name="At">When.</param>
/// <param name="Action"><c>create</c>, <c>start</c>, <c>wait</c>, <c>resume</c>, <c>complete</c>, <c>cancel</c>, or <c>due</c> for a timer.</param>
/// <param name="Actor">Who, where the command says so.</param>
/// <param name="Via"><c>http</c>: the credential says who. <c>broker</c>: the publisher claims it. <c>system</c>: this service.</param>
/// <param name="From">The status before; null for a new run.</param>
/// <param name="To">The status after.</param>
/// <param name="MessageId">The command's message id; empty when its publisher gave none.</param>
/// <param name="TraceId">The trace that the command belongs to.</param>
public sealed record RunChange(
    DateTimeOffset At, string Action, Actor? Actor, string Via, string? From, string To, Guid MessageId, string? TraceId)
{
    /// <summary>How many a run keeps.</summary>
    public const int MaxKept = 20;
}

/// <summary>A request that made the run what it is.</summary>
/// <param name="MessageId">The command's message id; empty when its publisher gave none.</param>
/// <param name="Fingerprint">SHA-256 of the canonical request, in lower-case hex.</param>
public sealed record AcceptedRequest(Guid MessageId, string Fingerprint);

/// <summary>An answered tool call.</summary>
/// <param name="ToolCallId">The call.</param>
/// <param name="Fingerprint">SHA-256 of the canonical result, in lower-case hex.</param>
/// <param name="IsError">Whether the tool failed.</param>
public sealed record ToolResult(string ToolCallId, string Fingerprint, bool IsError);

/// <summary>A message that the relay has to send, at least once.</summary>
/// <param name="MessageId">The same each time the message is sent.</param>
/// <param name="Type">The simple name of the message's type.</param>
/// <param name="Body">The message as JSON.</param>
public sealed record OutboxMessage(Guid MessageId, string Type, RawJson Body)
{
    /// <summary>The message itself, where this process has just made it. It is not stored, and reading it from <see cref="Body"/> would give the same.</summary>
    internal object? Message { get; init; }
}
