using System.Diagnostics.CodeAnalysis;
using Cronos;

namespace Runs.Store;

/// <summary>
/// A cron expression in a time zone. Five fields (minute, hour, day of month, month, day of week) or a macro from
/// <c>@hourly</c> to <c>@yearly</c>. Where both days are given, both must match.
/// </summary>
/// <remarks>
/// Clock changes: times that do not exist fire once, at the end of the gap. A time that exists twice fires the first
/// time, except that an expression of intervals (<c>*</c>, <c>-</c> or <c>/</c> in the minute or the hour) fires both
/// times, and so keeps its spacing in real time.
/// </remarks>
public sealed class CronSchedule
{
    // Cronos also has macros of a minute and of a second.
    private static readonly HashSet<string> Macros = new(StringComparer.OrdinalIgnoreCase)
    {
        "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually",
    };

    private readonly CronExpression _expression;

    private CronSchedule(CronExpression expression, TimeZoneInfo zone) => (_expression, Zone) = (expression, zone);

    /// <summary>The time zone in which the expression applies.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>Parses a valid expression of a stored schedule.</summary>
    /// <exception cref="TimeZoneNotFoundException">This host does not have the zone.</exception>
    public static CronSchedule Parse(string expression, string timezone)
    {
        if (!TimeZones.TryFind(timezone, out var zone))
        {
            throw new TimeZoneNotFoundException($"This host has no data of the time zone {timezone}.");
        }

        return TryParse(expression, zone, out var schedule, out var error)
            ? schedule
            : throw new FormatException($"The stored expression {error}");
    }

    /// <summary>
    /// Parses an expression. False with an error that continues "the expression" when it is invalid or never fires.
    /// </summary>
    public static bool TryParse(
        string expression,
        TimeZoneInfo zone,
        [NotNullWhen(true)] out CronSchedule? schedule,
        [NotNullWhen(false)] out string? error)
    {
        schedule = null;
        error = FindError(expression, out var parsed);
        if (error is null)
        {
            schedule = new CronSchedule(parsed!, zone);
        }

        return error is null;
    }

    /// <summary>
    /// Returns the first time after <paramref name="previous"/>, to which it is not equal; null if there is none before
    /// the year 2500. <paramref name="previous"/> should be a fire of this schedule, or any time.
    /// </summary>
    public DateTimeOffset? GetNext(DateTimeOffset previous)
    {
        // Where a zone skips a day, Cronos returns times that have passed. The minutes are tried one by one then: no fire
        // is between two of them.
        var next = _expression.GetNextOccurrence(previous.UtcDateTime, Zone);
        for (var minutes = 1; next <= previous.UtcDateTime; minutes++)
        {
            next = _expression.GetNextOccurrence(previous.UtcDateTime.AddMinutes(minutes).AddTicks(-1), Zone);
        }

        return next is { } time ? new DateTimeOffset(time, TimeSpan.Zero) : null;
    }

    /// <summary>Returns the times after <paramref name="previous"/>, without end unless the expression has one.</summary>
    public IEnumerable<DateTimeOffset> GetAll(DateTimeOffset previous)
    {
        for (var next = GetNext(previous); next is { } time; next = GetNext(time))
        {
            yield return time;
        }
    }

    /// <summary>
    /// Returns the times of the expression on a clock that has no changes, from <paramref name="from"/> to before
    /// <paramref name="to"/>.
    /// </summary>
    internal IEnumerable<DateTime> GetWallClockTimes(DateTime from, DateTime to) => _expression.GetOccurrences(
        DateTime.SpecifyKind(from, DateTimeKind.Utc), DateTime.SpecifyKind(to, DateTimeKind.Utc), fromInclusive: true, toInclusive: false);

    private static string? FindError(string expression, out CronExpression? parsed)
    {
        parsed = null;
        var text = expression.Trim();
        if (text.StartsWith('@') && !Macros.Contains(text))
        {
            return $"must have five fields, or be one of {string.Join(", ", Macros)}.";
        }

        try
        {
            parsed = CronExpression.Parse(text, CronFormat.Standard);
        }
        catch (Exception exception) when (exception is CronFormatException or MissingSeedException)
        {
            return "must be a cron expression of five fields: minute, hour, day of month, month and day of week. Seconds and H "
                + "are not supported.";
        }

        return parsed.GetNextOccurrence(DateTime.UnixEpoch) is null ? "has no time at which it fires." : null;
    }
}
