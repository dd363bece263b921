namespace Runs.Store;

/// <summary>
/// Selects the runs of a list. Exactly one of the selectors is set: <see cref="ProjectId"/>,
/// <see cref="ConversationId"/>, <see cref="ParentRunId"/> or <see cref="ParentConversationId"/>.
/// </summary>
public sealed record RunQuery
{
    /// <summary>The tenant. A list never contains runs of another tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Selects the runs of this project.</summary>
    public string? ProjectId { get; init; }

    /// <summary>Selects the runs of this conversation. UUIDs are stored in lower case and compared exactly.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Selects the direct children of this run.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>Selects the runs that the conversation with this id spawned.</summary>
    public string? ParentConversationId { get; init; }

    /// <summary>Only runs of these projects.</summary>
    public IReadOnlyCollection<string>? Projects { get; init; }

    /// <summary>Only runs that this tool call spawned.</summary>
    public string? SpawnedFromToolCallId { get; init; }

    /// <summary>Only runs that have ever requested an input.</summary>
    public bool HasInputRequests { get; init; }

    /// <summary>Only runs that have an input request in this status.</summary>
    public string? InputRequestStatus { get; init; }

    /// <summary>Only the run with this input request.</summary>
    public Guid? InputRequestId { get; init; }

    /// <summary>
    /// Reads linearizably, like <see cref="IRunStore.FindLinearizable"/>. Only for a query that matches at most one
    /// run. Slower.
    /// </summary>
    public bool IsLinearizable { get; init; }

    /// <summary>Only runs of this kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Only runs in this status.</summary>
    public string? Status { get; init; }
}
