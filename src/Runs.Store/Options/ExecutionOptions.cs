using System.ComponentModel.DataAnnotations;

namespace Runs.Store;

/// <summary>Settings of the execution of runs by workers, section <c>Execution</c>.</summary>
public sealed class ExecutionOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Execution";

    /// <summary>The duration of a lease in seconds, for a claim that names none.</summary>
    [Range(FieldLimits.MinLeaseSeconds, FieldLimits.MaxLeaseSeconds)]
    public int LeaseSeconds { get; init; } = 60;

    /// <summary>
    /// How long after the end of its lease an attempt is lost. Covers the time that a message takes, and clocks that
    /// differ.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan LeaseGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The number of lost attempts after which a run without a <c>backoff_limit</c> is still executed again, so that a
    /// run that crashes its workers is not retried without end.
    /// </summary>
    [Range(0, 100)]
    public int LostAttempts { get; init; } = 3;

    /// <summary>The delay before the second attempt. It doubles with every failure.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan RetryBase { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The longest delay between two attempts, plus or minus 20 percent, unless a worker requests another one.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan RetryCap { get; init; } = TimeSpan.FromMinutes(5);
}
