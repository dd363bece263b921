namespace Runs.Tests.Client;

/// <summary>A run as the API returns it in its conversation.</summary>
public sealed record ApiConversationRun(
    string RunId,
    string? ConversationId,
    string? MessageId,
    string AgentId,
    string Status,
    long LatestEventId,
    long LatestExternalEventSequence,
    string CreatedAt,
    string? StartedAt,
    string? FinishedAt,
    string? WaitingToolCallId,
    string? WaitingToolName,
    string? ParentConversationId,
    string? ParentRunId,
    string? SpawnedFromToolCallId);
