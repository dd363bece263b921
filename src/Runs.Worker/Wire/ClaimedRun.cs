using Runs.Contracts;

namespace Runs.Worker;

/// <summary>A run that this worker holds.</summary>
internal sealed record ClaimedRun
{
    public required string RunId { get; init; }

    public required int Attempt { get; init; }

    public required string Kind { get; init; }

    public string? Target { get; init; }

    public string? Name { get; init; }

    public string? ProjectId { get; init; }

    public string? ConversationId { get; init; }

    public string? MessageId { get; init; }

    public string? AgentId { get; init; }

    public RawJson? Input { get; init; }

    public RawJson? Config { get; init; }

    public RawJson? Metadata { get; init; }

    public int FailedAttempts { get; init; }

    public int? BackoffLimit { get; init; }

    public DateTimeOffset? TimeoutAt { get; init; }

    public DateTimeOffset? LeaseExpiresAt { get; init; }

    public long LatestEventId { get; init; }

    public long LatestExternalEventSequence { get; init; }

    public IReadOnlyList<RecordedToolResult>? ToolResults { get; init; }

    public WorkerSession? WorkerSession { get; init; }

    public RequestSnapshot? RequestSnapshot { get; init; }

    /// <summary>The W3C trace context of the create.</summary>
    public string? TraceParent { get; init; }
}
