using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.Claims;

/// <summary>The attempt that a worker gives up. Unknown members are ignored.</summary>
public sealed record ReleaseLeaseRequest : RequestSchema
{
    /// <summary>The number of the attempt.</summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public required int Attempt { get; init; }

    /// <summary>Why the worker gives the run back.</summary>
    [OneOf(typeof(ReleaseReasons))]
    public required string Reason { get; init; }
}
