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
    private readonly TimeZoneInfo _zone;

    /// <param name="expression">Five fields of *, numbers, lists, ranges and steps.</param>
    /// <param name="zone">The zone of the local time.</param>
    public CronModel(string expression, TimeZoneInfo zone)
    {
        var texts = expression.Split(' ');
        _fields =
        [
            ParseField(texts[0], 0, 59), ParseField(texts[1], 0, 23), ParseField(texts[2], 1, 31), ParseField(texts[3], 1, 12),
            ParseField(texts[4], 0, 6),
        ];
        _hasIntervals = texts.Take(2).Any(text => text.Contains('*') || text.Contains('/') || text.Contains('-'));
        _zone = zone;
    }

    /// <summary>The fires after <paramref name="from"/>, up to <paramref name="to"/>.</summary>
    public IEnumerable<DateTime> GetFires(DateTime from, DateTime to)
    {
        for (var time = from.AddMinutes(1); time <= to; time = time.AddMinutes(1))
        {
            if (Fires(time))
            {
                yield return time;
            }
        }
    }

    private bool Fires(DateTime time)
    {
        var local = ToLocal(time);
        var before = time + _zone.GetUtcOffset(time.AddTicks(-1));
        if (before < local)
        {
            // The end of a gap: also the times within the gap fire here.
            for (var missing = before; missing <= local; missing = missing.AddMinutes(1))
            {
                if (Matches(missing))
                {
                    return true;
                }
            }
        }

        return Matches(local) && (_hasIntervals || !IsSecondTime(time, local));
    }

    // The clock showed this time already, at most a day ago.
    private bool IsSecondTime(DateTime time, DateTime local)
    {
        var setBack = _zone.GetUtcOffset(time.AddDays(-1)) - _zone.GetUtcOffset(time);
        return setBack > TimeSpan.Zero && ToLocal(time - setBack) == local;
    }

    private DateTime ToLocal(DateTime time) => time + _zone.GetUtcOffset(time);

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
}
