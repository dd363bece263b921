using System.Globalization;
using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>A future fire.</summary>
public sealed record FireResource
{
    /// <summary>The time in UTC.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset At { get; init; }

    /// <summary>The same time in the zone of the schedule, with its offset: <c>2027-03-28T03:00:00+02:00</c>.</summary>
    public required string Local { get; init; }

    /// <summary>Returns the representation of a fire.</summary>
    internal static FireResource From(ForecastFire fire) => new()
    {
        At = fire.At,
        Local = fire.Local.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture),
    };
}
