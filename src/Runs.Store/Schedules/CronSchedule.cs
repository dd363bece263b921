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

    private CronSchedule(CronExpression expression, TimeZoneInfo zone, bool hasIntervals) =>
        (_expression, Zone, Clock, HasIntervals) = (expression, zone, new LocalClock(zone), hasIntervals);

    /// <summary>The time zone in which the expression applies.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>The clock of the zone.</summary>
    internal LocalClock Clock { get; }

    /// <summary>Whether the expression fires in intervals, not at fixed times of the day.</summary>
    internal bool HasIntervals { get; }

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
            schedule = new CronSchedule(parsed!, zone, IsInterval(expression.Trim()));
        }

        return error is null;
    }

    /// <summary>
    /// Returns the first time after <paramref name="previous"/>; null if there is none before the year 2500.
    /// </summary>
    public DateTimeOffset? GetNext(DateTimeOffset previous)
    {
        // While the clock is set back, earlier local times follow later ones.
        var local = Clock.ToLocal(previous.UtcDateTime) - Clock.GetSetBack(previous.UtcDateTime);
        DateTime? next = null;
        for (var time = GetNextLocal(local); time is { } found; time = GetNextLocal(found))
        {
            // The first instants of the local times are in the order of these, so that a later one cannot be earlier.
            var fires = GetFires(found);
            if (next <= fires[0])
            {
                break;
            }

            foreach (var instant in fires.Where(instant => instant > previous.UtcDateTime && !(next <= instant)))
            {
                next = instant;
            }
        }

        return next is { } fire ? new DateTimeOffset(fire, TimeSpan.Zero) : null;
    }

    /// <summary>
    /// Returns the times after <paramref name="previous"/>, without end unless the expression has one.
    /// </summary>
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

    // On a clock that never changes: Cronos knows the rules of expressions, and LocalClock those of zones.
    private DateTime? GetNextLocal(DateTime local) =>
        _expression.GetNextOccurrence(DateTime.SpecifyKind(local, DateTimeKind.Utc));

    private IReadOnlyList<DateTime> GetFires(DateTime local)
    {
        var instants = Clock.GetInstants(local, out var endOfGap);
        return endOfGap is { } change ? [change] : HasIntervals ? instants : [instants[0]];
    }

    private static bool IsInterval(string expression) =>
        expression.StartsWith('@')
            ? expression.Equals("@hourly", StringComparison.OrdinalIgnoreCase)
            : expression.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[..2].Any(field => field.AsSpan().ContainsAny("*?-/"));

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
