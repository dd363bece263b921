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

    /// <summary>
    /// The maximum number of runs to claim; 1 when absent. The response then has <c>runs</c>, possibly fewer: it waits
    /// for the first only.
    /// </summary>
    [Range(1, FieldLimits.MaxRunsPerClaim)]
    public int? MaxRuns { get; init; }

    /// <summary>
    /// Identifies the process, when several share the worker's key. With it, heartbeats find runs whose claim was
    /// answered and whose answer was lost.
    /// </summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    public string? InstanceId { get; init; }

    /// <summary>
    /// Whether commands with an API key or over RabbitMQ, and changes of the session, must name the attempt. Commands
    /// with the worker's token always apply to an attempt of the worker.
    /// </summary>
    public bool Fenced { get; init; }

    /// <summary>
    /// Whether to claim runs without a conversation, too: those of the implementation and those of the worker's
    /// targets.
    /// </summary>
    public bool Headless { get; init; }
}
