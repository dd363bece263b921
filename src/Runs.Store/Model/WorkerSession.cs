using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// What a worker stores with a run while it executes it. A run has one; a later attempt reads it, so
/// <see cref="Metadata"/> can hold how far the work has come.
/// </summary>
public sealed record WorkerSession : StoredRecord
{
    /// <summary>The id of the session. It stays the same as long as the run exists.</summary>
    public Guid Id { get; set; }

    /// <summary>The worker's own name of the session. 1-512 characters.</summary>
    public string SessionKey { get; set; } = null!;

    /// <summary>One of <see cref="WorkerSessionStatuses"/>.</summary>
    public string Status { get; set; } = null!;

    /// <summary>The worker that last changed the session.</summary>
    public string? WorkerId { get; set; }

    /// <summary>The implementation of that worker.</summary>
    public string ImplementationKind { get; set; } = null!;

    /// <summary>A JSON object, exactly as sent, of at most 64 KiB.</summary>
    public RawJson? Metadata { get; set; }

    /// <summary>When the session was created.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the session was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>When the session ended; null while it is active.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The session as messages and the API show it.</summary>
    public ClaimedSession ToContract() => new()
    {
        Id = Id.ToString(),
        SessionKey = SessionKey,
        Status = Status,
        WorkerId = WorkerId,
        ImplementationKind = ImplementationKind,
        Metadata = Metadata,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        EndedAt = EndedAt,
    };
}
