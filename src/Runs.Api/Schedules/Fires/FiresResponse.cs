using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>Future fires.</summary>
/// <param name="Fires">The fires, earliest first. Empty when the schedule does not fire.</param>
/// <param name="Notes">Sentences about rules and clock changes that affect these fires.</param>
public sealed record FiresResponse(IReadOnlyList<FireResource> Fires, IReadOnlyList<string> Notes)
{
    internal static FiresResponse From(ScheduleForecast forecast) =>
        new([.. forecast.Fires.Select(FireResource.From)], forecast.Notes);
}
