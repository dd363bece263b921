using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Claims;

/// <summary>The new duration of a lease. Unknown members are ignored.</summary>
public sealed record RenewLeaseRequest : RequestSchema
{
    /// <summary>The duration in seconds, from now. <c>Execution__LeaseSeconds</c>, 60, when absent.</summary>
    [Range(FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds)]
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>The attempt to hold. When absent, the current one if it belongs to the worker.</summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public int? Attempt { get; init; }
}
