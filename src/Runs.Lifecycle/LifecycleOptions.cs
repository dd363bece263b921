using System.ComponentModel.DataAnnotations;

namespace Runs.Lifecycle;

/// <summary>Settings of the lifecycle role, section <c>Lifecycle</c>.</summary>
internal sealed class LifecycleOptions
{
    public const string Section = "Lifecycle";

    /// <summary>Commands that one process handles at a time. More wait in the broker.</summary>
    [Range(1, 1024)]
    public int ConcurrencyLimit { get; init; } = 128;

    /// <summary>How long a reserved run waits for its start before it fails with <c>RESERVATION_EXPIRED</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan ReservationLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many levels a tree of runs may have below its root.</summary>
    [Range(1, 100_000)]
    public int MaxTreeDepth { get; init; } = 100;

    /// <summary>
    /// The highest number of descendants of cancelled runs that this process cancels per second. Lower values leave more of the processor, the store and the broker to other
    /// work.
    /// </summary>
    [Range(10, 100_000)]
    public int TreeCancelsPerSecond { get; init; } = 1_000;

    /// <summary>
    /// How long a command is held while the store is away before it goes back to the broker, which delivers it again. Three of these must fit into the 30 minutes of the
    /// queue's <c>x-consumer-timeout</c>: a command may wait in this process for another one to be given back.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan HoldTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often due timers are looked for, and so how late one may fire.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan TimerInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often messages are looked for that a crash left unsent.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan RelayInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a message must be unsent, by this process's monotonic clock, before the relay takes it for left behind.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan RelayAge { get; init; } = TimeSpan.FromSeconds(5);
}
