using System.Globalization;
using Runs.Store;

namespace Runs.Tests.Schedules;

/// <summary>The rules of expressions and zones, and the table of clock changes of docs/schedules.md.</summary>
public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("30 2 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", "2027-03-29T00:30Z")]
    [InlineData("30 2 * * *", "2027-10-30T12:00Z", "2027-10-31T00:30Z", "2027-11-01T01:30Z")]
    [InlineData("0 2 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", "2027-03-29T00:00Z")]
    [InlineData("0 2 * * *", "2027-10-30T12:00Z", "2027-10-31T00:00Z", "2027-11-01T01:00Z")]
    [InlineData("0 3 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", "2027-03-29T01:00Z")]
    [InlineData("0 3 * * *", "2027-10-30T12:00Z", "2027-10-31T02:00Z", "2027-11-01T02:00Z")]
    [InlineData("*/30 * * * *", "2027-03-28T00:15Z", "2027-03-28T00:30Z", "2027-03-28T01:00Z")]
    [InlineData("*/30 * * * *", "2027-10-30T23:45Z", "2027-10-31T00:00Z", "2027-10-31T00:30Z", "2027-10-31T01:00Z", "2027-10-31T01:30Z")]
    [InlineData("0 9 * * 1-5", "2027-03-26T12:00Z", "2027-03-29T07:00Z")]
    [InlineData("0 9 * * 1-5", "2027-10-29T12:00Z", "2027-11-01T08:00Z")]
    public void Clock_changes_of_Europe_Berlin(string expression, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time), Parse(expression).GetAll(Time(after)).Take(expected.Length));

    /// <summary>X21.</summary>
    [Theory]
    // a gap of 30 minutes
    [InlineData("Australia/Lord_Howe", "15 2 * * *", "2027-10-02T12:00Z", "2027-10-02T15:30Z", "2027-10-03T15:15Z")]
    // a fold of 30 minutes
    [InlineData("Australia/Lord_Howe", "45 1 * * *", "2027-04-03T00:00Z", "2027-04-03T14:45Z", "2027-04-04T15:15Z")]
    // midnight does not exist
    [InlineData("Africa/Cairo", "0 0 * * *", "2026-04-23T12:00Z", "2026-04-23T22:00Z", "2026-04-24T21:00Z")]
    [InlineData("America/Santiago", "0 0 * * *", "2025-09-06T12:00Z", "2025-09-07T04:00Z", "2025-09-08T03:00Z")]
    // no December 30
    [InlineData("Pacific/Apia", "0 12 * * *", "2011-12-29T00:00Z", "2011-12-29T22:00Z", "2011-12-30T10:00Z", "2011-12-30T22:00Z")]
    // summer is standard time
    [InlineData("Europe/Dublin", "53 1 * * *", "2017-03-25T12:00Z", "2017-03-26T01:00Z", "2017-03-27T00:53Z")]
    public void Unusual_zones(string zone, string expression, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time), Parse(expression, zone).GetAll(Time(after)).Take(expected.Length));

    [Theory]
    [InlineData("* * * * * *")]
    [InlineData("H * * * *")]
    [InlineData("H/5 * * * *")]
    [InlineData("@every_second")]
    [InlineData("@every_minute")]
    [InlineData("@reboot")]
    [InlineData("")]
    [InlineData("61 * * * *")]
    [InlineData("0 0 30 2 *")]
    public void An_expression_that_is_invalid_or_never_fires_is_rejected(string expression) =>
        Assert.False(CronSchedule.TryParse(expression, TimeZoneInfo.Utc, out _, out _));

    [Theory]
    [InlineData("@hourly", "2026-09-01T13:00Z")]
    [InlineData("@daily", "2026-09-02T00:00Z")]
    [InlineData("@midnight", "2026-09-02T00:00Z")]
    [InlineData("@weekly", "2026-09-06T00:00Z")]
    [InlineData("@monthly", "2026-10-01T00:00Z")]
    [InlineData("@yearly", "2027-01-01T00:00Z")]
    [InlineData("@Annually", "2027-01-01T00:00Z")]
    [InlineData("0 0 L * *", "2026-09-30T00:00Z")]
    [InlineData("0 0 13 * FRI", "2026-11-13T00:00Z")] // both days must match
    [InlineData("0 12 * * *", "2026-09-02T12:00Z")] // not at the given time itself
    public void Expressions(string expression, string expected) =>
        Assert.Equal(Time(expected), Parse(expression, "UTC").GetNext(Time("2026-09-01T12:00Z")));

    [Theory]
    [InlineData("Europe/Berlin", true)]
    [InlineData("UTC", true)]
    [InlineData("Etc/GMT+5", true)]
    [InlineData("", false)]
    [InlineData("Mars/Phobos", false)]
    [InlineData("W. Europe Standard Time", false)]
    [InlineData("right/Europe/Berlin", false)]
    [InlineData("posix/Europe/Berlin", false)]
    [InlineData("localtime", false)]
    [InlineData("../zoneinfo/Europe/Berlin", false)]
    public void Zones_have_IANA_names(string name, bool isFound) => Assert.Equal(isFound, TimeZones.TryFind(name, out _));

    [Fact]
    public void A_stored_schedule_in_a_zone_that_the_host_lacks_cannot_be_parsed() =>
        Assert.Throws<TimeZoneNotFoundException>(() => CronSchedule.Parse("@daily", "Mars/Phobos"));

    [Theory]
    [InlineData("30 2 * * *", "2027-03-27T12:00Z", "2027-03-28 02:30 does not exist; fires at 03:00.")]
    [InlineData("30 2 * * *", "2027-10-30T12:00Z", "2027-10-31 02:30 occurs twice; fires the first time only.")]
    [InlineData("0 0 13 * FRI", "2027-01-01T12:00Z", "Day of month and day of week are both given: both must match.")]
    [InlineData("*/30 * * * *", "2027-03-28T00:15Z")]
    [InlineData("*/30 * * * *", "2027-10-30T23:45Z")]
    [InlineData("0 3 * * *", "2027-03-27T12:00Z")]
    public void A_forecast_notes_what_may_surprise(string expression, string after, params string[] notes)
    {
        var cron = Parse(expression);

        Assert.Equal(notes, ScheduleForecast.Create(cron, expression, cron.GetAll(Time(after)), 3).Notes);
    }

    private static CronSchedule Parse(string expression, string zone = "Europe/Berlin") => CronSchedule.Parse(expression, zone);

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
