using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>A worker, as the API shows it.</summary>
public sealed record ApiWorker(
    string Id,
    string ProjectId,
    string ImplementationKind,
    string WorkerKey,
    string? DisplayName,
    string Status,
    IReadOnlyList<string> Targets,
    int? MaxConcurrentRuns,
    DateTimeOffset? LastHeartbeatAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    JsonElement Metadata);
