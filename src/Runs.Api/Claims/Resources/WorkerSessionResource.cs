using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>What workers have stored with a run. A run has one session; its id stays the same.</summary>
public sealed record WorkerSessionResource
{
    /// <summary>The id of the session.</summary>
    [Uuid]
    public required string Id { get; init; }

    /// <summary>The run.</summary>
    [RunId]
    public required string RunId { get; init; }

    /// <summary>The implementation of the worker that last changed the session.</summary>
    public required string ImplementationKind { get; init; }

    /// <summary>The worker that last changed the session.</summary>
    public string? WorkerId { get; init; }

    /// <summary>The worker's own name of the session.</summary>
    public required string SessionKey { get; init; }

    /// <summary>The status that the worker has set.</summary>
    [OneOf(typeof(WorkerSessionStatuses))]
    public required string Status { get; init; }

    /// <summary>When the session was created.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the session was last changed.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the session ended; null while it is active.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The metadata, exactly as sent.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }

    internal static WorkerSessionResource From(string runId, ClaimedSession session) => new()
    {
        Id = session.Id,
        RunId = runId,
        ImplementationKind = session.ImplementationKind,
        WorkerId = session.WorkerId,
        SessionKey = session.SessionKey,
        Status = session.Status,
        CreatedAt = session.CreatedAt,
        UpdatedAt = session.UpdatedAt,
        EndedAt = session.EndedAt,
        Metadata = session.Metadata,
    };
}
