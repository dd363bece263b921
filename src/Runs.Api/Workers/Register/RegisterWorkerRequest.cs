using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.Workers;

/// <summary>A worker as it describes itself. Unknown members are ignored.</summary>
public sealed record RegisterWorkerRequest : RequestSchema
{
    /// <summary>The implementation: runs that name it are executed by its workers only.</summary>
    [StringLength(FieldLimits.MaxImplementationKindLength, MinimumLength = 1)]
    [RegularExpression(FieldLimits.ImplementationKindPattern)]
    public required string ImplementationKind { get; init; }

    /// <summary>
    /// Identifies the worker within its project and implementation. Runs may name it. Processes with the same key are
    /// one worker.
    /// </summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    [RegularExpression(FieldLimits.WorkerKeyPattern)]
    public required string WorkerKey { get; init; }

    /// <summary>A display name of the implementation. No control characters.</summary>
    [StringLength(FieldLimits.MaxWorkerNameLength, MinimumLength = 1)]
    public string? ImplementationDisplayName { get; init; }

    /// <summary>A display name of the worker. No control characters.</summary>
    [StringLength(FieldLimits.MaxWorkerNameLength, MinimumLength = 1)]
    public string? DisplayName { get; init; }

    /// <summary>
    /// The targets that the worker executes besides the runs of its implementation: <c>task:rebuild-index</c>, or
    /// <c>task:*</c> for every target of a kind. At most 100, of any kind of run.
    /// </summary>
    [MaxLength(FieldLimits.MaxWorkerTargets)]
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>The number of runs that the worker executes at a time.</summary>
    [Range(FieldLimits.MinConcurrentRuns, FieldLimits.MaxConcurrentRuns)]
    public int? MaxConcurrentRuns { get; init; }

    /// <summary>For the worker's operator. At most 64 KiB without white space, and 1 MiB with it.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }
}
