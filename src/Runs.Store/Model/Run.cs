using System.Text.Json;
using System.Text.Json.Serialization;
using MongoDB.Bson;
using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// A stored run: one document that holds its whole lifecycle. The order of the members is the order in which an
/// operator reads them in the database; their stored names are those of the HTTP API, in snake_case.
/// </summary>
/// <remarks>
/// Times are UTC and have whole milliseconds: see <see cref="Timestamps.TruncateToMilliseconds"/>.
/// </remarks>
public sealed class Run
{
    /// <summary>
    /// The status of a run that does not exist yet, because its cancel overtook its create. The document reserves the
    /// id, so that the create finds the cancel. Readers never see this status.
    /// </summary>
    public const string CancellationPending = "cancellation_pending";

    /// <summary>
    /// The <see cref="Phase"/> of a run that has begun and that no worker executes: the last attempt has ended, and the
    /// next one has not begun. Its status is running.
    /// </summary>
    public const string Retrying = "retrying";

    /// <summary>
    /// The key that <see cref="RunIds.ForRun"/> derives from tenant and run id. Its uniqueness is the only lock of the
    /// system: it detects duplicates.
    /// </summary>
    public required Guid Id { get; init; }

    /// <summary>The account that owns the run.</summary>
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    public required string RunId { get; init; }

    /// <summary>One of <see cref="RunKinds"/>.</summary>
    public string Kind { get; set; } = null!;

    /// <summary>One of <see cref="RunStatuses"/>, or <see cref="CancellationPending"/>.</summary>
    public string Status { get; set; } = null!;

    /// <summary>
    /// <see cref="Retrying"/> while a run with the status running waits for its next attempt; null otherwise.
    /// </summary>
    public string? Phase { get; set; }

    /// <summary>1 when inserted; incremented by every replace. Appending events does not change it.</summary>
    public long Version { get; set; }

    /// <summary>The owner of the run.</summary>
    public Owner Owner { get; set; } = null!;

    /// <summary>The owner's id if the owner is a project. Project lists select runs by it.</summary>
    public string? ProjectId { get; set; }

    /// <summary>The UUID of the conversation that the run belongs to, in lower case.</summary>
    public string? ConversationId { get; set; }

    /// <summary>The assistant message that the run writes.</summary>
    public string? MessageId { get; set; }

    /// <summary>The parent's run id.</summary>
    public string? ParentRunId { get; set; }

    /// <summary>The run id of the root of the tree; for a root, its own run id.</summary>
    public string RootRunId { get; set; } = null!;

    /// <summary>The number of ancestors; null for a root, and for runs of releases that did not record it.</summary>
    public int? Depth { get; set; }

    /// <summary>What spawned the run.</summary>
    public RunTrigger? Trigger { get; set; }

    /// <summary>One of <see cref="ConversationModes"/>.</summary>
    public string? ConversationMode { get; set; }

    /// <summary>What the run executes, as <c>kind:id</c>.</summary>
    public string? Target { get; set; }

    /// <summary>The agent; only for agent runs.</summary>
    public string? AgentId { get; set; }

    /// <summary>The workflow; only for workflow runs.</summary>
    public string? WorkflowId { get; set; }

    /// <summary>A display name.</summary>
    public string? Name { get; set; }

    /// <summary>A UUID that groups runs.</summary>
    public string? BatchId { get; set; }

    /// <summary>The UUID of the schedule that triggered the run.</summary>
    public string? ScheduleId { get; set; }

    /// <summary>Names the worker implementation that may claim the run.</summary>
    public string? ImplementationKind { get; set; }

    /// <summary>Pins one worker.</summary>
    public string? WorkerKey { get; set; }

    /// <summary>Where the agent's source comes from.</summary>
    public string? SourceTargetKind { get; set; }

    /// <summary>The UUID of the source's environment.</summary>
    public string? SourceTargetEnvironmentId { get; set; }

    /// <summary>The UUID of the source's branch.</summary>
    public string? SourceTargetBranchId { get; set; }

    /// <summary>The release version of the source.</summary>
    public string? SourceTargetReleaseVersion { get; set; }

    /// <summary>Where the run executes.</summary>
    public string? RuntimeTargetKind { get; set; }

    /// <summary>The UUID of the environment that the run executes in.</summary>
    public string? RuntimeTargetEnvironmentId { get; set; }

    /// <summary>The UUID of the branch that the run executes on.</summary>
    public string? RuntimeTargetBranchId { get; set; }

    /// <summary>The input, exactly as sent.</summary>
    public RawJson? Input { get; set; }

    /// <summary>The config, exactly as sent.</summary>
    public RawJson? Config { get; set; }

    /// <summary>Free text.</summary>
    public string? StartMode { get; set; }

    /// <summary>The time limit of each running period, in seconds.</summary>
    public int? TimeoutSeconds { get; set; }

    /// <summary>The number of further attempts after a failure.</summary>
    public int? BackoffLimit { get; set; }

    /// <summary>The time in seconds that is subtracted from the time at which the run becomes ready.</summary>
    public int Priority { get; set; }

    /// <summary>The time before which the run cannot be claimed.</summary>
    public DateTimeOffset? StartAfter { get; set; }

    /// <summary>The time at which the run fails if it has not begun.</summary>
    public DateTimeOffset? StartBefore { get; set; }

    /// <summary>The time within which the run must begin, in seconds from the moment at which it may.</summary>
    public int? StartWithinSeconds { get; set; }

    /// <summary>The number of the current or last attempt; 0 before the first. It only grows.</summary>
    public int Attempt { get; set; }

    /// <summary>The number of attempts that failed or were lost.</summary>
    public int FailedAttempts { get; set; }

    /// <summary>
    /// Present exactly while the run may be claimed: the time at which it became ready, less its
    /// <see cref="Priority"/>.
    /// </summary>
    public DateTimeOffset? ClaimRank { get; set; }

    /// <summary>The pool in which workers find the run; present with <see cref="ClaimRank"/>.</summary>
    public string? ClaimPool { get; set; }

    /// <summary>
    /// The pool of workers that execute every target of a kind; present with <see cref="ClaimRank"/>, unless the run
    /// names a worker implementation.
    /// </summary>
    public string? ClaimKindPool { get; set; }

    /// <summary>The worker that holds the run.</summary>
    public string? LeaseOwner { get; set; }

    /// <summary>The process of the worker.</summary>
    public string? LeaseInstance { get; set; }

    /// <summary>When the lease of the worker ends.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; set; }

    /// <summary>Whether commands must name the attempt while the worker holds the run.</summary>
    public bool LeaseFenced { get; set; }

    /// <summary>
    /// How often the lease was renewed or the session was changed; null before the first time. Neither changes the
    /// <see cref="Version"/>, so a replace of the run also compares this number.
    /// </summary>
    public long? Renewals { get; set; }

    /// <summary>What the worker has stored with the run.</summary>
    public WorkerSession? WorkerSession { get; set; }

    /// <summary>One of <see cref="TriggerKinds"/>.</summary>
    public string? TriggerKind { get; set; }

    /// <summary>The id of what triggered the run.</summary>
    public string? TriggerId { get; set; }

    /// <summary>The trace context of the create, as the header <c>traceparent</c> has it.</summary>
    public string? TraceParent { get; set; }

    /// <summary>The UUID of the user who created the run.</summary>
    public string? CreatedBy { get; set; }

    /// <summary>One of <see cref="WaitingReasons"/>; only while waiting.</summary>
    public string? WaitingReason { get; set; }

    /// <summary>The awaited tool call; only while waiting.</summary>
    public string? WaitingToolCallId { get; set; }

    /// <summary>The awaited tool's name; only while waiting.</summary>
    public string? WaitingToolName { get; set; }

    /// <summary>The result, exactly as sent.</summary>
    public RawJson? Output { get; set; }

    /// <summary>The metadata that the executor reported when the run ended.</summary>
    public RawJson? Metadata { get; set; }

    /// <summary>Why the run failed.</summary>
    public RunError? Error { get; set; }

    /// <summary>Log text.</summary>
    public string? Logs { get; set; }

    /// <summary>A JSON array, exactly as sent.</summary>
    public RawJson? Artifacts { get; set; }

    /// <summary>The process exit code.</summary>
    public int? ExitCode { get; set; }

    /// <summary>The time from start to end, in milliseconds.</summary>
    public long? DurationMs { get; set; }

    /// <summary>When the run was accepted. With <see cref="Id"/>, it is the sort key of every list.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the run was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>When the run first started.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When the run ended.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>When the current running period exceeds its time limit.</summary>
    public DateTimeOffset? TimeoutAt { get; set; }

    /// <summary>When the current wait expires.</summary>
    public DateTimeOffset? WaitExpiresAt { get; set; }

    /// <summary>When the delay before the next attempt ends.</summary>
    public DateTimeOffset? RetryAt { get; set; }

    /// <summary>When the next timer fires for the run: the earliest of those that its state has.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>The id of the last event of the run's log; 0 before the first.</summary>
    public long LatestEventId { get; set; }

    /// <summary>The number of public events that external callers have appended.</summary>
    public long LatestExternalEventSequence { get; set; }

    /// <summary>When the last event was logged. Operators use it to find a run that no longer reports events.</summary>
    public DateTimeOffset? LatestEventAt { get; set; }

    /// <summary>
    /// Identifies the last append or replace. The process that made it recognizes it by this value when it must find
    /// out which of several grouped updates were executed. Only MongoDB needs it.
    /// </summary>
    public Guid? LatestWriteToken { get; set; }

    /// <summary>The input requests of the run, oldest first. At most one is open, while the run waits for it.</summary>
    public List<InputRequest> InputRequests { get; set; } = [];

    /// <summary>
    /// The members of the create's <c>request</c>, exactly as sent, except <c>input</c> and <c>config</c>, which are in
    /// <see cref="Input"/> and <see cref="Config"/>.
    /// </summary>
    public RawJson Request { get; set; }

    /// <summary>
    /// The size of the requests that created the run, in bytes. The store's documents have a maximum size.
    /// </summary>
    public long RequestBytes { get; set; }

    /// <summary>
    /// The accepted create and, for a reserved run, the accepted start. They distinguish a redelivered or retried
    /// request from a different one.
    /// </summary>
    public List<AcceptedRequest> AcceptedRequests { get; set; } = [];

    /// <summary>The waits that have a result. They distinguish a retried result from a different one.</summary>
    public List<ToolResult> ToolResults { get; set; } = [];

    /// <summary>The last attempts, oldest first. Only the last one may not have ended.</summary>
    public List<RunAttempt> Attempts { get; set; } = [];

    /// <summary>
    /// The ids of the last messages that paused or resumed the run, oldest first. They deduplicate a message that is
    /// redelivered after others.
    /// </summary>
    public List<Guid> ProcessedWaitMessageIds { get; set; } = [];

    /// <summary>
    /// The id of the message that ended the run, so that the reply to its redelivery says that it did.
    /// </summary>
    public Guid? FinishedByMessageId { get; set; }

    /// <summary>The last changes of the run, oldest first. Each is recorded by the write that it describes.</summary>
    public List<RunChange> Changes { get; set; } = [];

    /// <summary>
    /// Events that were recorded in the run's document and are not archived yet: none, or the last ones of the log.
    /// Readers use <see cref="IRunStore.ReadEvents"/>, which reads both the document and the archive.
    /// </summary>
    public List<RunEvent> EmbeddedEvents { get; set; } = [];

    /// <summary>
    /// Messages that are not dispatched yet, recorded by the write that caused them. Empty most of the time.
    /// </summary>
    public List<OutboxMessage> Outbox { get; set; } = [];

    /// <inheritdoc cref="StoredRecord.UnknownElements"/>
    [JsonIgnore]
    internal BsonDocument? UnknownElements { get; set; }

    /// <inheritdoc cref="StoredRecord.UnknownMembers"/>
    [JsonInclude, JsonExtensionData]
    internal Dictionary<string, JsonElement>? UnknownMembers { get; set; }

    /// <summary>Returns a copy of the run after an append of <paramref name="events"/>.</summary>
    internal Run WithLogEnd(IReadOnlyList<RunEvent> events)
    {
        var run = (Run)MemberwiseClone();
        (run.LatestEventId, run.LatestEventAt) = (events[^1].EventId, events[^1].CreatedAt);
        run.LatestExternalEventSequence = events.Max(runEvent => runEvent.ExternalSequence) ?? LatestExternalEventSequence;
        return run;
    }

    /// <summary>Returns a copy of the run without the members that can be large.</summary>
    internal Run WithoutLargeMembers()
    {
        var run = (Run)MemberwiseClone();
        (run.Request, run.Input, run.Config, run.Output, run.Logs, run.Artifacts) = (default, null, null, null, null, null);
        (run.InputRequests, run.AcceptedRequests, run.ToolResults, run.ProcessedWaitMessageIds) = ([], [], [], []);
        (run.Changes, run.EmbeddedEvents, run.Outbox) = ([], [], []);
        (run.Attempts, run.WorkerSession) = ([.. Attempts.TakeLast(1)], null);
        return run;
    }
}
