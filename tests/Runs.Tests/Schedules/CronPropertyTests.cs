using System.Globalization;
using Runs.Store;
using Xunit.Abstractions;

namespace Runs.Tests.Schedules;

/// <summary>
/// X20: around the clock changes of 40 zones from 1990 to 2040, an expression fires as <see cref="CronModel"/> does. A
/// unit run tries some thousand combinations of a fixed sequence; <c>RUNS_DST_CASES=all</c> tries every transition with
/// every one of 300 expressions.
/// </summary>
public sealed class CronPropertyTests(ITestOutputHelper output)
{
    private const int ExpressionCount = 300;
    private const int CasesOfUnitRun = 2_000;
    private const int ExpressionsOfTransition = 5;

    private static readonly string[] Zones =
    [
        "Africa/Cairo", "Africa/Casablanca", "America/Asuncion", "America/Bogota", "America/Caracas", "America/Chicago",
        "America/Denver", "America/Halifax", "America/Havana", "America/Los_Angeles", "America/New_York", "America/Nuuk",
        "America/Phoenix", "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll", "Asia/Amman",
        "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Pyongyang", "Asia/Tehran",
        "Asia/Tokyo", "Asia/Ulaanbaatar", "Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney",
        "Europe/Berlin", "Europe/Dublin", "Europe/Istanbul", "Europe/London", "Europe/Moscow", "Pacific/Apia",
        "Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter",
    ];

    [Fact]
    public void An_expression_fires_around_clock_changes_as_the_model_does()
    {
        var random = new Random(20); // the fixed sequence
        var expressions = Enumerable.Range(0, ExpressionCount).Select(_ => CreateExpression(random)).ToArray();
        var transitions = Zones.SelectMany(FindTransitions).ToList();
        var cases = System.Environment.GetEnvironmentVariable("RUNS_DST_CASES") == "all"
            ? transitions.Select(transition => (transition, expressions))
            : Enumerable.Range(0, CasesOfUnitRun / ExpressionsOfTransition).Select(_ => (
                transition: transitions[random.Next(transitions.Count)],
                expressions: random.GetItems(expressions, ExpressionsOfTransition)));

        var (count, fires, differences) = (0, 0L, new List<string>());
        foreach (var ((zone, at), tried) in cases)
        {
            var (from, to) = (at.AddHours(-26), at.AddHours(26));
            var minutes = CronModel.GetMinutes(zone, from, to);
            foreach (var expression in tried)
            {
                var expected = new CronModel(expression).GetFires(minutes).ToList();
                var actual = GetFires(expression, zone, from, to);
                if (!expected.SequenceEqual(actual))
                {
                    differences.Add($"{zone.Id} {at:u} {expression}: {Format(expected.Except(actual))}; {Format(actual.Except(expected))}");
                }

                (count, fires) = (count + 1, fires + actual.Count);
            }
        }

        output.WriteLine($"{transitions.Count} transitions, {count} cases, {fires} fires");
        Assert.Empty(differences);
        Assert.True(transitions.Count > 1_000, $"The zone data has {transitions.Count} transitions only.");
    }

    private static List<DateTime> GetFires(string expression, TimeZoneInfo zone, DateTime from, DateTime to)
    {
        Assert.True(CronSchedule.TryParse(expression, zone, out var cron, out var error), $"{expression}: {error}");
        return [.. cron.GetAll(new DateTimeOffset(from, TimeSpan.Zero)).Select(fire => fire.UtcDateTime).TakeWhile(fire => fire <= to)];
    }

    private static string Format(IEnumerable<DateTime> times) =>
        string.Join(", ", times.Select(time => time.ToString("dd'T'HH:mm", CultureInfo.InvariantCulture)).Take(80));

    /// <summary>The instants at which the offset of a zone changes.</summary>
    private static IEnumerable<(TimeZoneInfo Zone, DateTime At)> FindTransitions(string name)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
        var step = TimeSpan.FromDays(1);
        for (var day = new DateTime(1990, 1, 2, 0, 0, 0, DateTimeKind.Utc); day.Year < 2041; day += step)
        {
            if (zone.GetUtcOffset(day) == zone.GetUtcOffset(day + step))
            {
                continue;
            }

            var (low, high) = (0, (int)step.TotalMinutes);
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                (low, high) = zone.GetUtcOffset(day) == zone.GetUtcOffset(day.AddMinutes(middle)) ? (middle, high) : (low, middle);
            }

            yield return (zone, day.AddMinutes(high));
        }
    }

    private static string CreateExpression(Random random)
    {
        var minute = random.Next(7) switch
        {
            0 => "*",
            1 => $"*/{random.Next(2, 31)}",
            2 => $"{random.Next(60)},{random.Next(60)}",
            _ => $"{random.Next(60)}",
        };
        var hour = random.Next(7) switch
        {
            0 => "*",
            1 => $"*/{random.Next(2, 12)}",
            2 => $"{random.Next(4)},{random.Next(24)}",
            3 => $"{random.Next(24)}",
            _ => $"{random.Next(4)}", // where most clocks change
        };
        var day = random.Next(6) == 0 ? $"{random.Next(1, 29)}" : "*";
        var weekday = random.Next(6) == 0 ? $"{random.Next(7)}" : "*";
        return $"{minute} {hour} {day} * {weekday}";
    }
}
