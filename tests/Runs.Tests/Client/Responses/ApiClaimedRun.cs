using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>A claimed run, as the API shows it.</summary>
public sealed record ApiClaimedRun(
    string RunId,
    string Kind,
    string? Target,
    string Status,
    string? ConversationId,
    string? MessageId,
    string ProjectId,
    string? AgentId,
    JsonElement RequestSnapshot,
    JsonElement Config,
    int Attempt,
    int FailedAttempts,
    int? BackoffLimit,
    string LeaseOwner,
    DateTimeOffset LeaseExpiresAt,
    DateTimeOffset? TimeoutAt,
    long LatestEventId,
    long LatestExternalEventSequence,
    JsonElement WorkerSession,
    JsonElement ToolResults,
    string? RunEventToken = null);
