using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Claims;

/// <summary>What a worker asks for. Unknown members are ignored.</summary>
public sealed record ClaimRunRequest : RequestSchema
{
    /// <summary>The duration of the lease in seconds. <c>Execution__LeaseSeconds</c>, 60, when absent.</summary>
    [Range(FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds)]
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>How long to wait for a run, in seconds. No wait when absent.</summary>
    [Range(0, FieldLimits.MaxWorkerWaitSeconds)]
    public int? WaitSeconds { get; init; }

    /// <summary>The number of runs to claim. The response then has <c>runs</c>.</summary>
    [Range(1, FieldLimits.MaxRunsPerClaim)]
    public int? MaxRuns { get; init; }

    /// <summary>
    /// Identifies the process, when several share the worker's key. With it, heartbeats find runs whose claim was
    /// answered and whose answer was lost.
    /// </summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    public string? InstanceId { get; init; }

    /// <summary>
    /// Whether appends, waits and the outcome must name the attempt. Without it, those that name none are accepted,
    /// also from a worker that has lost the run.
    /// </summary>
    public bool Fenced { get; init; }

    /// <summary>
    /// Whether to claim runs without a conversation, too: those of the implementation and those of the worker's
    /// targets.
    /// </summary>
    public bool Headless { get; init; }
}
