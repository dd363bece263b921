namespace Runs.Store;

/// <summary>
/// Converts times of a zone's local clock to UTC. Uses only the offset that the zone has at an instant: what .NET
/// answers about local times that do not exist or exist twice is wrong for some zones, such as Europe/Dublin.
/// </summary>
internal sealed class LocalClock(TimeZoneInfo zone)
{
    // Two changes of a clock are further apart, and every offset is smaller.
    private static readonly TimeSpan Vicinity = TimeSpan.FromHours(36);

    /// <summary>Returns the local time at an instant.</summary>
    public DateTime ToLocal(DateTime instant) => instant + zone.GetUtcOffset(instant);

    /// <summary>
    /// Returns how far the local clock is set back within a day after an instant; zero if it is not.
    /// </summary>
    public TimeSpan GetSetBack(DateTime instant)
    {
        var change = zone.GetUtcOffset(instant) - zone.GetUtcOffset(instant.AddDays(1));
        return change > TimeSpan.Zero ? change : TimeSpan.Zero;
    }

    /// <summary>
    /// Returns the instants at which the local clock shows a time: one, two when the clock is set back over the time,
    /// or none when it is set forward over it. In that case, <paramref name="endOfGap"/> is the instant of the change.
    /// </summary>
    public IReadOnlyList<DateTime> GetInstants(DateTime local, out DateTime? endOfGap)
    {
        endOfGap = null;
        var utc = DateTime.SpecifyKind(local, DateTimeKind.Utc);
        var (before, after) = (zone.GetUtcOffset(utc - Vicinity), zone.GetUtcOffset(utc + Vicinity));
        if (before == after)
        {
            return [utc - before];
        }

        var instants = new List<DateTime>(2);
        foreach (var offset in new[] { before, after })
        {
            if (zone.GetUtcOffset(utc - offset) == offset)
            {
                instants.Add(utc - offset);
            }
        }

        if (instants.Count == 0)
        {
            endOfGap = FindChange(utc - after, utc - before, after);
        }

        return instants;
    }

    // The first minute after `from`, up to `to`, at which the zone has the offset.
    private DateTime FindChange(DateTime from, DateTime to, TimeSpan offset)
    {
        var (low, high) = (0, (int)(to - from).TotalMinutes);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = zone.GetUtcOffset(from.AddMinutes(middle)) == offset ? (low, middle) : (middle, high);
        }

        return from.AddMinutes(high);
    }
}
