using System.ComponentModel.DataAnnotations;

namespace Runs.Lifecycle;

/// <summary>Settings of the lifecycle role, section <c>Lifecycle</c>.</summary>
internal sealed class LifecycleOptions
{
    public const string Section = "Lifecycle";

    /// <summary>
    /// The number of single commands that one process handles at a time, and the number of commands in batches. Further
    /// commands wait in the broker.
    /// </summary>
    [Range(1, 1024)]
    public int MaxConcurrentCommands { get; init; } = 128;

    /// <summary>
    /// How long a reserved run waits for its input before it fails with <c>RESERVATION_EXPIRED</c>, unless its create
    /// has <c>start_within_seconds</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan ReservationLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The number of levels that a run tree may have below its root.</summary>
    [Range(1, 100_000)]
    public int MaxTreeDepth { get; init; } = 100;

    /// <summary>
    /// The highest number of descendants of cancelled runs that this process cancels per second. Lower values leave
    /// more of the processor, the store and the broker to other work.
    /// </summary>
    [Range(10, 100_000)]
    public int MaxCascadedCancelsPerSecond { get; init; } = 1_000;

    /// <summary>
    /// How long a command is held while the store is unavailable before it returns to the broker, which redelivers it.
    /// Three of these periods must fit into the 30 minutes of the queue's <c>x-consumer-timeout</c>: a command may wait
    /// in this process until another one is returned.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan MaxHoldTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The interval at which the store is polled for due runs and schedules, and so how late a timer may fire.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan DueRunPollingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The interval at which the store is polled for undispatched messages of a crashed process.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan OutboxPollingInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a message must be undispatched, by this process's monotonic clock, before the dispatcher treats it as
    /// orphaned.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan OutboxMinimumAge { get; init; } = TimeSpan.FromSeconds(5);
}
