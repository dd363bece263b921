using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Workers;

/// <summary>The runs that a worker holds. The body may be empty. Unknown members are ignored.</summary>
public sealed record SendHeartbeatRequest : RequestSchema
{
    /// <summary>
    /// Identifies the process, as in its claims. Runs that this process has claimed and that <see cref="Runs"/> leaves
    /// out are released after 15 seconds: the response to their claim was lost.
    /// </summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    public string? InstanceId { get; init; }

    /// <summary>The runs that the process executes, each once, at most 1,000. Their leases are renewed.</summary>
    public IReadOnlyList<HeldRunRequest>? Runs { get; init; }

    /// <summary>
    /// The new duration of the leases in seconds, from now. <c>Execution__LeaseSeconds</c>, 60, when absent.
    /// </summary>
    [Range(FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds)]
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>
    /// How long to wait for a change of one of the runs, in seconds, but at most half of the lease. No wait when
    /// absent.
    /// </summary>
    [Range(0, FieldLimits.MaxWorkerWaitSeconds)]
    public int? WaitSeconds { get; init; }
}
