using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>What a worker asks for.</summary>
internal sealed record ClaimRequest
{
    /// <summary>The tenant of the worker.</summary>
    public required string Tenant { get; init; }

    /// <summary>The id of the worker, in the text form that runs store as their lease owner.</summary>
    public required string WorkerId { get; init; }

    /// <summary>The key of the worker.</summary>
    public required string WorkerKey { get; init; }

    /// <summary>The process of the worker; null if it names none.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The pools in which the worker looks for runs.</summary>
    public required IReadOnlyList<ClaimPool> Pools { get; init; }

    /// <summary>The duration of the leases in seconds.</summary>
    public required int LeaseSeconds { get; init; }

    /// <summary>Whether commands must name the attempt.</summary>
    public bool IsFenced { get; init; }

    /// <summary>The maximum number of runs.</summary>
    public int MaxRuns { get; init; } = 1;

    /// <summary>The caller as commands carry it.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The request's trace id.</summary>
    public required string TraceId { get; init; }
}
