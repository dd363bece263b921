using System.ComponentModel.DataAnnotations;

namespace Runs.Api.RunOperations;

/// <summary>Where a run executes, when, and how often it is tried.</summary>
public abstract record ExecutionRequest : RuntimeTarget
{
    /// <summary>
    /// The maximum duration of each running period in seconds, over all attempts and the delays between them. Time that
    /// the run waits does not count.
    /// </summary>
    [Range(FieldLimits.MinTimeoutSeconds, int.MaxValue)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>
    /// The maximum number of further attempts after a failed one. When absent, a failure that a worker reports is
    /// final, and a lost attempt is followed by another one three times.
    /// </summary>
    [Range(FieldLimits.MinBackoffLimit, int.MaxValue)]
    public int? BackoffLimit { get; init; }

    /// <summary>
    /// The time in seconds that is subtracted from the time at which the run becomes ready. Workers that look for runs
    /// get the one with the earliest time first. A claim over RabbitMQ names its run and does not use it. 0 when
    /// absent.
    /// </summary>
    [Range(-FieldLimits.MaxPriority, FieldLimits.MaxPriority)]
    public int? Priority { get; init; }

    /// <summary>
    /// The time before which the run cannot be claimed. Not together with <c>delay_seconds</c>, not with
    /// <c>initial_status</c> <c>running</c>, and not after the year 2999.
    /// </summary>
    public DateTimeOffset? StartAfter { get; init; }

    /// <summary>The time from this call before which the run cannot be claimed, in seconds.</summary>
    [Range(0, FieldLimits.MaxStartSeconds)]
    public int? DelaySeconds { get; init; }

    /// <summary>
    /// The time within which the execution must begin, in seconds from the moment at which it may. Otherwise, the run
    /// fails with <c>START_EXPIRED</c>.
    /// </summary>
    [Range(FieldLimits.MinStartWithinSeconds, FieldLimits.MaxStartSeconds)]
    public int? StartWithinSeconds { get; init; }
}
