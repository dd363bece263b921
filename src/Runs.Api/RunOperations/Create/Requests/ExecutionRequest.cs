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
    /// final, and a worker that stops answering is replaced three times.
    /// </summary>
    [Range(FieldLimits.MinBackoffLimit, int.MaxValue)]
    public int? BackoffLimit { get; init; }

    /// <summary>
    /// The head start over other runs in seconds: a run with 60 is claimed before one that became ready up to 60
    /// seconds earlier. 0 when absent.
    /// </summary>
    [Range(-FieldLimits.MaxPriority, FieldLimits.MaxPriority)]
    public int? Priority { get; init; }

    /// <summary>The time before which the run is not executed. Not together with <c>delay_seconds</c>.</summary>
    public DateTimeOffset? StartAfter { get; init; }

    /// <summary>The time from this call before which the run is not executed, in seconds.</summary>
    [Range(0, FieldLimits.MaxStartSeconds)]
    public int? DelaySeconds { get; init; }

    /// <summary>
    /// The time within which the execution must begin, in seconds from the moment at which it may. Otherwise, the run
    /// fails with <c>START_EXPIRED</c>.
    /// </summary>
    [Range(FieldLimits.MinStartWithinSeconds, FieldLimits.MaxStartSeconds)]
    public int? StartWithinSeconds { get; init; }
}
