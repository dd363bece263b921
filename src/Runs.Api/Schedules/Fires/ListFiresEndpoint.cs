using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>
/// <c>GET /projects/{project_reference}/schedules/{schedule_id}/fires</c>: lists the next fires of a schedule.
/// </summary>
internal static class ListFiresEndpoint
{
    /// <summary>The query parameter with the number of fires.</summary>
    public static IntegerParameter Count { get; } = new("count", "The maximum number of fires.", 1, FieldLimits.MaxFires)
    {
        Default = 10,
    };

    /// <summary>List the next fires of a schedule</summary>
    /// <remarks>
    /// The times at which the schedule fires next, as its definition is now. A fire may create no run: see
    /// <c>concurrency_policy</c>, <c>catch_up</c> and <c>max_runs</c>.
    /// </remarks>
    /// <response code="200">The fires.</response>
    public static async Task<Results<Ok<FiresResponse>, ProblemHttpResult>> Handle(
        HttpRequest request,
        [AsParameters] ScheduleRoute route,
        Caller caller,
        IScheduleStore store,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        var errors = new List<ValidationError>();
        var count = Count.ReadOrDefault(request, errors);
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        if (await route.Find(store, caller, options.Value, cancellationToken) is not { } schedule)
        {
            return Problems.ScheduleNotFound();
        }

        var cron = CronSchedule.Parse(schedule.Cron, schedule.Timezone);
        var times = schedule.NextFireAt is { } next ? cron.GetAll(next).Prepend(next) : [];
        return TypedResults.Ok(FiresResponse.From(ScheduleForecast.Create(cron, schedule.Cron, times, count)));
    }
}
