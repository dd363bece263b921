using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// A registered worker of a project, which claims and executes runs. All processes with the same
/// <see cref="WorkerKey"/> are one worker, each with a separate token. The stored names of the members are those of
/// the HTTP API, in snake_case.
/// </summary>
/// <remarks>
/// Times are UTC and have whole milliseconds: see <see cref="Timestamps.TruncateToMilliseconds"/>.
/// </remarks>
public sealed record Worker : StoredRecord
{
    /// <summary>The key that <see cref="RunIds.ForWorker"/> derives from the members that identify a worker.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account that the worker belongs to.</summary>
    public required string Tenant { get; init; }

    /// <summary>The UUID of the project whose runs the worker executes, in lower case.</summary>
    public required string ProjectId { get; init; }

    /// <summary>The implementation: runs that name it are executed by its workers only. 1-64 characters.</summary>
    public required string ImplementationKind { get; init; }

    /// <summary>The display name of the implementation. 1-128 characters.</summary>
    public string? ImplementationDisplayName { get; init; }

    /// <summary>Identifies the worker within its project and implementation. 1-128 characters.</summary>
    public required string WorkerKey { get; init; }

    /// <summary>A display name. 1-128 characters.</summary>
    public string? DisplayName { get; init; }

    /// <summary>
    /// The targets that the worker executes besides the runs of its implementation: <c>task:rebuild-index</c>, or
    /// <c>task:*</c> for every target of a kind. At most 100.
    /// </summary>
    public List<string> Targets { get; init; } = [];

    /// <summary>The number of runs that the worker executes at a time, 1-1,000; null if it did not say.</summary>
    public int? MaxConcurrentRuns { get; init; }

    /// <summary>
    /// Whether the worker gets the runs of its project only, and none that conversations own: the credential that
    /// registered it last is restricted to projects, and such a credential does not see the runs of conversations.
    /// </summary>
    public bool IsRestrictedToProject { get; init; }

    /// <summary>An object for the worker's operator, exactly as sent.</summary>
    public RawJson? Metadata { get; init; }

    /// <summary>The tokens of the worker's processes, at most <see cref="WorkerToken.MaxPerWorker"/>.</summary>
    public List<WorkerToken> Tokens { get; init; } = [];

    /// <summary>When the worker was registered first.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the worker was last registered or revoked.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The last recorded heartbeat. It is recorded with a delay and is up to 31 seconds old.</summary>
    public DateTimeOffset? LastHeartbeatAt { get; init; }

    /// <summary>When the worker was revoked; null while it is active.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>1 when inserted; incremented by every replace. Recording a heartbeat does not change it.</summary>
    public required long Version { get; init; }

    /// <summary>The text by which runs name this worker as the owner of their lease.</summary>
    public static string GetLeaseOwner(Guid id) => id.ToString();
}
