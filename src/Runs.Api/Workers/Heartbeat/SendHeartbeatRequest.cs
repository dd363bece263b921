using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Workers;

/// <summary>The runs that a worker holds. The body may be empty. Unknown members are ignored.</summary>
public sealed record SendHeartbeatRequest : RequestSchema
{
    /// <summary>
    /// Identifies the process, as in its claims. A heartbeat with <see cref="Runs"/> releases runs that this process
    /// has claimed, that it does not name, and that have not changed for 15 seconds: the response to their claim was
    /// lost.
    /// </summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    public string? InstanceId { get; init; }

    /// <summary>
    /// The runs that the process executes, each once, at most 1,000. Their leases are renewed. When absent, no lease is
    /// renewed, no run is released, and <see cref="WaitSeconds"/> has no effect. An empty list means that the process
    /// executes none.
    /// </summary>
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
