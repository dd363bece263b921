using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>A run that a worker holds, with all that it needs to execute it.</summary>
public sealed record ClaimedRunResource
{
    /// <summary>The run's id.</summary>
    [RunId]
    public required string RunId { get; init; }

    /// <summary>The conversation of the run; null for one without.</summary>
    [Uuid]
    public string? ConversationId { get; init; }

    /// <summary>The assistant message that the run writes; null without a conversation.</summary>
    [Uuid]
    public string? MessageId { get; init; }

    /// <summary>The project of the run, or that of the worker when a conversation owns the run.</summary>
    [Uuid]
    public required string ProjectId { get; init; }

    /// <summary>The agent; only for agent runs.</summary>
    public string? AgentId { get; init; }

    /// <summary>The status of the run.</summary>
    [OneOf(typeof(RunStatuses))]
    public required string Status { get; init; }

    /// <summary>The input of an agent run, in the form that workers of agents read; null for other runs.</summary>
    public RequestSnapshotResource? RequestSnapshot { get; init; }

    /// <summary>The id of the last event of the run's log: the cursor for the first append of the attempt.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>The number of public events that executors have appended: the other cursor.</summary>
    public required long LatestExternalEventSequence { get; init; }

    /// <summary>The worker's id.</summary>
    public required string LeaseOwner { get; init; }

    /// <summary>When the lease ends.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset LeaseExpiresAt { get; init; }

    /// <summary>What this attempt, or an earlier one, has stored with the run; null if none has.</summary>
    public WorkerSessionResource? WorkerSession { get; init; }

    /// <summary>Where the agent's source comes from.</summary>
    public string? SourceTargetKind { get; init; }

    /// <summary>The environment of the source.</summary>
    [Uuid]
    public string? SourceTargetEnvironmentId { get; init; }

    /// <summary>The branch of the source.</summary>
    [Uuid]
    public string? SourceTargetBranchId { get; init; }

    /// <summary>The release version of the source.</summary>
    public string? SourceTargetReleaseVersion { get; init; }

    /// <summary>Where the run executes.</summary>
    public string? RuntimeTargetKind { get; init; }

    /// <summary>The environment that the run executes in.</summary>
    [Uuid]
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>The branch that the run executes on.</summary>
    [Uuid]
    public string? RuntimeTargetBranchId { get; init; }

    /// <summary>The kind of the run.</summary>
    [OneOf(typeof(RunKinds))]
    public required string Kind { get; init; }

    /// <summary>What the run executes, as <c>kind:id</c>.</summary>
    public string? Target { get; init; }

    /// <summary>The display name of the run.</summary>
    public string? Name { get; init; }

    /// <summary>The input, exactly as sent.</summary>
    public RawJson? Input { get; init; }

    /// <summary>The config, exactly as sent.</summary>
    public RawJson? Config { get; init; }

    /// <summary>
    /// The number of the attempt. Appends, waits and the outcome name it, so that they change nothing when the attempt
    /// is over.
    /// </summary>
    public required int Attempt { get; init; }

    /// <summary>The number of attempts that failed or were lost.</summary>
    public required int FailedAttempts { get; init; }

    /// <summary>The number of further attempts after a failure; null when the request has none.</summary>
    public int? BackoffLimit { get; init; }

    /// <summary>When the run fails with <c>TIMEOUT</c>; null without a time limit.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? TimeoutAt { get; init; }

    /// <summary>The metadata of the run.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }

    /// <summary>What earlier attempts waited for and got, oldest first.</summary>
    public required IReadOnlyList<RecordedToolResult> ToolResults { get; init; }

    /// <summary>The trace context of the create, as the header <c>traceparent</c> has it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The parent's run id.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>The run id of the root of the tree.</summary>
    public required string RootRunId { get; init; }

    /// <summary>
    /// A JWT of at most 4,096 bytes that allows appends to the log of this run, for this attempt, for one hour: for a
    /// process that must not have the worker's token. Absent when the server has no signing key.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RunEventToken { get; init; }

    internal static ClaimedRunResource From(RunSnapshot snapshot, CallingWorker worker) =>
        From(snapshot.Run, snapshot.Claim!, snapshot.ConversationId, snapshot.MessageId, worker);

    internal static ClaimedRunResource From(Run run, CallingWorker worker) =>
        From(run.ToResource(), run.ToClaim(), run.ConversationId, run.MessageId, worker);

    private static ClaimedRunResource From(
        RunResource run, RunClaim claim, string? conversationId, string? messageId, CallingWorker worker) => new()
        {
            RunId = run.RunId,
            ConversationId = conversationId,
            MessageId = messageId,
            ProjectId = run.Owner.Kind == OwnerKinds.Project ? run.Owner.Id : worker.ProjectId,
            AgentId = claim.AgentId,
            Status = run.Status,
            RequestSnapshot = run.Kind == RunKinds.Agent ? RequestSnapshotReader.Read(run.Input, claim.TraceParent) : null,
            LatestEventId = claim.LatestEventId,
            LatestExternalEventSequence = claim.LatestExternalEventSequence,
            LeaseOwner = claim.LeaseOwner,
            LeaseExpiresAt = claim.LeaseExpiresAt,
            WorkerSession = claim.WorkerSession is { } session ? WorkerSessionResource.From(run.RunId, session) : null,
            SourceTargetKind = claim.SourceTargetKind,
            SourceTargetEnvironmentId = claim.SourceTargetEnvironmentId,
            SourceTargetBranchId = claim.SourceTargetBranchId,
            SourceTargetReleaseVersion = claim.SourceTargetReleaseVersion,
            RuntimeTargetKind = run.RuntimeTargetKind,
            RuntimeTargetEnvironmentId = run.RuntimeTargetEnvironmentId,
            RuntimeTargetBranchId = run.RuntimeTargetBranchId,
            Kind = run.Kind,
            Target = run.Target,
            Name = claim.Name,
            Input = run.Input,
            Config = run.Config,
            Attempt = claim.Attempt,
            FailedAttempts = run.FailedAttempts,
            BackoffLimit = run.BackoffLimit,
            TimeoutAt = claim.TimeoutAt,
            Metadata = run.Metadata,
            ToolResults = claim.ToolResults,
            TraceParent = claim.TraceParent,
            ParentRunId = run.ParentRunId,
            RootRunId = run.RootRunId,
        };
}
