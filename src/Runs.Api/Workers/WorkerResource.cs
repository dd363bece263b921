using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary>A registered worker. Every member is always present.</summary>
public sealed record WorkerResource
{
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(90);

    /// <summary>A UUID: the same whenever the worker is registered.</summary>
    [Uuid]
    public required string Id { get; init; }

    /// <summary>The project that the worker belongs to.</summary>
    [Uuid]
    public required string ProjectId { get; init; }

    /// <summary>The implementation whose runs the worker executes.</summary>
    public required string ImplementationKind { get; init; }

    /// <summary>A display name of the implementation.</summary>
    public string? ImplementationDisplayName { get; init; }

    /// <summary>The worker's key, unique within its project and implementation.</summary>
    public required string WorkerKey { get; init; }

    /// <summary>A display name.</summary>
    public string? DisplayName { get; init; }

    /// <summary><c>silent</c> in lists when the worker gave no sign of life for 90 seconds.</summary>
    [OneOf(typeof(WorkerStatuses))]
    public required string Status { get; init; }

    /// <summary>The targets that the worker executes besides the runs of its implementation.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>The number of runs that the worker executes at a time.</summary>
    public int? MaxConcurrentRuns { get; init; }

    /// <summary>The last heartbeat. Lists show it with a delay of up to about half a minute.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? LastHeartbeatAt { get; init; }

    /// <summary>When the worker was registered first.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the worker was registered last.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The metadata, as sent.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }

    internal static WorkerResource From(Worker worker, DateTimeOffset now) => new()
    {
        Id = worker.Id.ToString(),
        ProjectId = worker.ProjectId,
        ImplementationKind = worker.ImplementationKind,
        ImplementationDisplayName = worker.ImplementationDisplayName,
        WorkerKey = worker.WorkerKey,
        DisplayName = worker.DisplayName,
        Status = IsSilent(worker, now) ? WorkerStatuses.Silent : WorkerStatuses.Active,
        Targets = worker.Targets,
        MaxConcurrentRuns = worker.MaxConcurrentRuns,
        LastHeartbeatAt = worker.LastHeartbeatAt,
        CreatedAt = worker.CreatedAt,
        UpdatedAt = worker.UpdatedAt,
        Metadata = worker.Metadata,
    };

    private static bool IsSilent(Worker worker, DateTimeOffset now) =>
        now - worker.UpdatedAt > MaxSilence && (worker.LastHeartbeatAt is not { } last || now - last > MaxSilence);
}
