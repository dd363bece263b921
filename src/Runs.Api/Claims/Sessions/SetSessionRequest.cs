using System.ComponentModel.DataAnnotations;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>What a worker stores with a run. Unknown members are ignored.</summary>
public sealed record SetSessionRequest : RequestSchema
{
    /// <summary>The worker's own name of the session. No control characters.</summary>
    [StringLength(FieldLimits.MaxSessionKeyLength, MinimumLength = 1)]
    public required string SessionKey { get; init; }

    /// <summary>The status of the session. <c>active</c> when absent.</summary>
    [OneOf(typeof(WorkerSessionStatuses))]
    public string? Status { get; init; }

    /// <summary>
    /// An object of at most 64 KiB in UTF-8 without white space, and 1 MiB with it. It replaces the stored one; when
    /// absent, the stored one stays.
    /// </summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }

    /// <summary>The attempt that stores it. Required when the claim was fenced.</summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public int? Attempt { get; init; }
}
