using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>An agent run as its conversation shows it. Every member is always present.</summary>
public sealed record ConversationRunResource
{
    private const string WaitingForTool = "waiting_for_tool";

    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>The conversation, a UUID. Null only for a headless run in a list of children.</summary>
    [Uuid]
    public string? ConversationId { get; init; }

    /// <summary>
    /// The assistant message that the run writes, a UUID. Null only for a headless run in a list of children.
    /// </summary>
    [Uuid]
    public string? MessageId { get; init; }

    /// <summary>The project, if known.</summary>
    [Uuid]
    public string? ProjectId { get; init; }

    /// <summary>The user who created the run; empty when the credential named none.</summary>
    public required string RequestedByUserId { get; init; }

    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>The run's status. <c>waiting_for_tool</c> for every waiting reason.</summary>
    [OneOf(
        RunStatuses.Pending,
        RunStatuses.Running,
        WaitingForTool,
        RunStatuses.Completed,
        RunStatuses.Failed,
        RunStatuses.Cancelled)]
    public required string Status { get; init; }

    /// <summary>Where the run executes.</summary>
    [OneOf(typeof(TargetKinds), nameof(TargetKinds.Runtime))]
    public string? RuntimeTargetKind { get; init; }

    /// <summary>The id of the log's last event; 0 before the first.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>The number of public events that callers appended.</summary>
    public required long LatestExternalEventSequence { get; init; }

    /// <summary>When the run was accepted.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the run first started.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the run ended.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The awaited tool call; only while waiting.</summary>
    public string? WaitingToolCallId { get; init; }

    /// <summary>The awaited tool's name; only while waiting.</summary>
    public string? WaitingToolName { get; init; }

    /// <summary>The error code, for programs.</summary>
    public string? TerminalErrorCode { get; init; }

    /// <summary>The error message, for people.</summary>
    public string? TerminalErrorMessage { get; init; }

    /// <summary>The worker implementation that may execute the run.</summary>
    public string? ImplementationKind { get; init; }

    /// <summary>The one worker that may execute the run.</summary>
    public string? WorkerKey { get; init; }

    /// <summary>Where the agent's source comes from.</summary>
    [OneOf(typeof(TargetKinds), nameof(TargetKinds.Source))]
    public string? SourceTargetKind { get; init; }

    /// <summary>A UUID.</summary>
    [Uuid]
    public string? SourceTargetEnvironmentId { get; init; }

    /// <summary>A UUID.</summary>
    [Uuid]
    public string? SourceTargetBranchId { get; init; }

    /// <summary>The release version.</summary>
    public string? SourceTargetReleaseVersion { get; init; }

    /// <summary>A UUID.</summary>
    [Uuid]
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>A UUID.</summary>
    [Uuid]
    public string? RuntimeTargetBranchId { get; init; }

    /// <summary>Always null: deployments are resolved elsewhere.</summary>
    public string? ResolvedDeploymentId { get; init; }

    /// <summary>The conversation that spawned the run.</summary>
    [Uuid]
    public string? ParentConversationId { get; init; }

    /// <summary>The parent's id.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>The message that spawned the run.</summary>
    [Uuid]
    public string? SpawnedFromMessageId { get; init; }

    /// <summary>The tool call that spawned the run.</summary>
    public string? SpawnedFromToolCallId { get; init; }

    /// <summary>Always null: messages are kept elsewhere.</summary>
    public string? InputAnchorMessageId { get; init; }

    /// <summary>Always null: messages are kept elsewhere.</summary>
    public string? HandoffMessageId { get; init; }

    /// <summary>Always null: the service resolves no run snapshot.</summary>
    [JsonObject]
    public RawJson? RunSnapshot { get; init; }

    /// <summary>The metadata that the executor reported at the end.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }

    internal static ConversationRunResource From(Run run) => new()
    {
        RunId = run.RunId,
        ConversationId = run.ConversationId,
        MessageId = run.MessageId,
        ProjectId = run.ProjectId,
        RequestedByUserId = run.CreatedBy ?? "",
        AgentId = run.AgentId!,
        Status = run.Status == RunStatuses.Waiting ? WaitingForTool : run.Status,
        RuntimeTargetKind = run.RuntimeTargetKind,
        LatestEventId = run.LatestEventId,
        LatestExternalEventSequence = run.LatestExternalEventSequence,
        CreatedAt = run.CreatedAt,
        StartedAt = run.StartedAt,
        FinishedAt = run.CompletedAt,
        WaitingToolCallId = run.WaitingToolCallId,
        WaitingToolName = run.WaitingToolName,
        TerminalErrorCode = run.Error?.Code,
        TerminalErrorMessage = run.Error?.Message,
        ImplementationKind = run.ImplementationKind,
        WorkerKey = run.WorkerKey,
        SourceTargetKind = run.SourceTargetKind,
        SourceTargetEnvironmentId = run.SourceTargetEnvironmentId,
        SourceTargetBranchId = run.SourceTargetBranchId,
        SourceTargetReleaseVersion = run.SourceTargetReleaseVersion,
        RuntimeTargetEnvironmentId = run.RuntimeTargetEnvironmentId,
        RuntimeTargetBranchId = run.RuntimeTargetBranchId,
        ParentConversationId = run.Trigger?.ConversationId,
        ParentRunId = run.ParentRunId,
        SpawnedFromMessageId = run.Trigger?.MessageId,
        SpawnedFromToolCallId = run.Trigger?.ToolCallId,
        Metadata = run.Metadata,
    };
}
