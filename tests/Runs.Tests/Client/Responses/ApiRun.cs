using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>A run as the API returns it. JSON of callers stays raw, and times stay text.</summary>
public sealed record ApiRun(
    string RunId,
    string RootRunId,
    string? ParentRunId,
    string Kind,
    string Status,
    string? WaitingReason,
    string? Target,
    string? RuntimeTargetKind,
    string? TriggerKind,
    int? TimeoutSeconds,
    int? BackoffLimit,
    JsonElement Input,
    JsonElement Config,
    JsonElement Output,
    JsonElement Metadata,
    JsonElement Artifacts,
    ApiRunError? Error,
    string? Logs,
    int? ExitCode,
    long? DurationMs,
    string? CreatedBy,
    string CreatedAt,
    string UpdatedAt,
    string? StartedAt,
    string? CompletedAt);
