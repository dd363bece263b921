namespace Runs.Store;

/// <summary>The precision of times.</summary>
public static class Timestamps
{
    /// <summary>
    /// Truncates the time to whole milliseconds in UTC, the precision that stores keep and clients see.
    /// </summary>
    public static DateTimeOffset TruncateToMilliseconds(this DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
