using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>What a worker that has claimed a run needs besides the run.</summary>
public sealed record RunClaim
{
    /// <summary>
    /// The number of the attempt that has begun. It is higher than that of every earlier attempt; messages that name it
    /// are accepted until the attempt ends.
    /// </summary>
    [JsonPropertyName("attempt")]
    public required int Attempt { get; init; }

    /// <summary>The worker that holds the run.</summary>
    [JsonPropertyName("lease_owner")]
    public required string LeaseOwner { get; init; }

    /// <summary>The time at which the lease ends.</summary>
    [JsonPropertyName("lease_expires_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset LeaseExpiresAt { get; init; }

    /// <summary>The id of the last event of the run's log: the cursor for the first append of the attempt.</summary>
    [JsonPropertyName("latest_event_id")]
    public required long LatestEventId { get; init; }

    /// <summary>The number of public events that executors have appended: the other cursor.</summary>
    [JsonPropertyName("latest_external_event_sequence")]
    public required long LatestExternalEventSequence { get; init; }

    /// <summary>
    /// What earlier attempts waited for and got, oldest first: the last 1,000 results. A worker uses them instead of
    /// making such a call again.
    /// </summary>
    [JsonPropertyName("tool_results")]
    public required IReadOnlyList<RecordedToolResult> ToolResults { get; init; }

    /// <summary>
    /// What an earlier attempt, or this one, has stored with the run, so that the worker can continue there. Null if
    /// none has.
    /// </summary>
    [JsonPropertyName("worker_session")]
    public ClaimedSession? WorkerSession { get; init; }

    /// <summary>
    /// The time at which the run fails with <c>TIMEOUT</c>, during an attempt or between two; null without a time
    /// limit.
    /// </summary>
    [JsonPropertyName("timeout_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? TimeoutAt { get; init; }

    /// <summary>The <see cref="CreateRun.TraceParent"/> of the run, or null.</summary>
    [JsonPropertyName("trace_parent")]
    public string? TraceParent { get; init; }

    /// <summary>The display name of the run, or null.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>The agent; only for agent runs.</summary>
    [JsonPropertyName("agent_id")]
    public string? AgentId { get; init; }

    /// <summary>The source of the agent's code, or null.</summary>
    [JsonPropertyName("source_target_kind")]
    public string? SourceTargetKind { get; init; }

    /// <summary>A UUID: the environment of the source, or null.</summary>
    [JsonPropertyName("source_target_environment_id")]
    public string? SourceTargetEnvironmentId { get; init; }

    /// <summary>A UUID: the branch of the source, or null.</summary>
    [JsonPropertyName("source_target_branch_id")]
    public string? SourceTargetBranchId { get; init; }

    /// <summary>The release version of the source, or null.</summary>
    [JsonPropertyName("source_target_release_version")]
    public string? SourceTargetReleaseVersion { get; init; }
}
