using System.Globalization;

namespace Runs.Tests.Schedules;

/// <summary>
/// A second implementation of the fires of an expression, minute by minute: at each minute whose local time matches,
/// but for the second one of a fixed time that exists twice, and at the end of a gap that has a matching time.
/// </summary>
internal sealed class CronModel
{
    private readonly HashSet<int>[] _fields;
    private readonly bool _hasIntervals;

    /// <param name="expression">Five fields of *, numbers, lists, ranges and steps.</param>
    public CronModel(string expression)
    {
        var texts = expression.Split(' ');
        _fields =
        [
            ParseField(texts[0], 0, 59), ParseField(texts[1], 0, 23), ParseField(texts[2], 1, 31), ParseField(texts[3], 1, 12),
            ParseField(texts[4], 0, 6),
        ];
        _hasIntervals = texts.Take(2).Any(text => text.Contains('*') || text.Contains('/') || text.Contains('-'));
    }

    /// <summary>The minutes of a zone after <paramref name="from"/>, up to <paramref name="to"/>.</summary>
    public static IReadOnlyList<ZoneMinute> GetMinutes(TimeZoneInfo zone, DateTime from, DateTime to)
    {
        var minutes = new List<ZoneMinute>();
        for (var time = from.AddMinutes(1); time <= to; time = time.AddMinutes(1))
        {
            var local = time + zone.GetUtcOffset(time);
            // The clock showed this time already, at most a day ago.
            var setBack = zone.GetUtcOffset(time.AddDays(-1)) - zone.GetUtcOffset(time);
            var earlier = time - setBack;
            var isSecond = setBack > TimeSpan.Zero && earlier + zone.GetUtcOffset(earlier) == local;
            minutes.Add(new ZoneMinute(time, local, local - (time + zone.GetUtcOffset(time.AddTicks(-1))), isSecond));
        }

        return minutes;
    }

    /// <summary>The fires within some minutes of a zone.</summary>
    public IEnumerable<DateTime> GetFires(IReadOnlyList<ZoneMinute> minutes) => minutes.Where(Fires).Select(minute => minute.Utc);

    private bool Fires(ZoneMinute minute)
    {
        // The times within a gap fire at its end.
        for (var missing = minute.Local - minute.Gap; missing < minute.Local; missing = missing.AddMinutes(1))
        {
            if (Matches(missing))
            {
                return true;
            }
        }

        return Matches(minute.Local) && (_hasIntervals || !minute.IsSecond);
    }

    private bool Matches(DateTime local) =>
        _fields[0].Contains(local.Minute)
        && _fields[1].Contains(local.Hour)
        && _fields[2].Contains(local.Day)
        && _fields[3].Contains(local.Month)
        && _fields[4].Contains((int)local.DayOfWeek);

    private static HashSet<int> ParseField(string text, int min, int max) =>
        [.. text.Split(',').SelectMany(part => ParsePart(part, min, max))];

    private static IEnumerable<int> ParsePart(string part, int min, int max)
    {
        var (range, step) = part.Split('/') is [var left, var right] ? (left, Number(right)) : (part, 1);
        var (first, last) = range switch
        {
            "*" => (min, max),
            _ when range.Split('-') is [var from, var to] => (Number(from), Number(to)),
            _ when part.Contains('/') => (Number(range), max),
            _ => (Number(range), Number(range)),
        };
        for (var value = first; value <= last; value += step)
        {
            yield return value;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A minute of a zone.</summary>
    /// <param name="Utc">The minute.</param>
    /// <param name="Local">What the zone's clock shows.</param>
    /// <param name="Gap">How far the clock is set forward at this minute; zero or less at all others.</param>
    /// <param name="IsSecond">Whether the clock showed this time before.</param>
    public readonly record struct ZoneMinute(DateTime Utc, DateTime Local, TimeSpan Gap, bool IsSecond);
}
