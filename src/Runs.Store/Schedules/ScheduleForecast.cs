using System.Globalization;

namespace Runs.Store;

/// <summary>The next fires of a cron schedule, with what may surprise its author.</summary>
/// <param name="Fires">The times, in UTC and in the zone of the schedule.</param>
/// <param name="Notes">Sentences about rules and clock changes that affect these fires.</param>
public sealed record ScheduleForecast(IReadOnlyList<ForecastFire> Fires, IReadOnlyList<string> Notes)
{
    private const string LocalFormat = "yyyy-MM-dd HH:mm";

    /// <summary>Returns the forecast of the first <paramref name="count"/> times of <paramref name="times"/>.</summary>
    public static ScheduleForecast Create(CronSchedule cron, string expression, IEnumerable<DateTimeOffset> times, int count)
    {
        var fires = times.Take(count).ToList();
        string[] days = [.. DescribeDays(expression)];
        return new ScheduleForecast(
            [.. fires.Select(at => new ForecastFire(at, TimeZoneInfo.ConvertTime(at, cron.Zone)))],
            [.. days, .. fires.SelectMany(at => DescribeClockChange(cron, at))]);
    }

    private static IEnumerable<string> DescribeDays(string expression)
    {
        var fields = expression.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields is [_, _, var dayOfMonth, _, var dayOfWeek] && dayOfMonth is not ("*" or "?") && dayOfWeek is not ("*" or "?"))
        {
            yield return "Day of month and day of week are both given: both must match.";
        }
    }

    private static IEnumerable<string> DescribeClockChange(CronSchedule cron, DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, cron.Zone);
        var beforeGap = at.UtcDateTime + cron.Zone.GetUtcOffset(at.AddTicks(-1));
        if (beforeGap < local.DateTime && !cron.GetWallClockTimes(local.DateTime, local.DateTime.AddMinutes(1)).Any())
        {
            // The fire is at the end of a gap of the local time, and the expression does not have its local time.
            foreach (var missing in cron.GetWallClockTimes(beforeGap, local.DateTime).Take(1))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"{Format(missing)} does not exist; fires at {local.DateTime:HH:mm}.");
            }
        }

        if (!cron.HasIntervals && cron.Clock.GetInstants(local.DateTime, out _).Count > 1)
        {
            yield return $"{Format(local.DateTime)} occurs twice; fires the first time only.";
        }
    }

    private static string Format(DateTime local) => local.ToString(LocalFormat, CultureInfo.InvariantCulture);
}
