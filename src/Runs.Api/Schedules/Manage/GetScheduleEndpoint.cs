using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary><c>GET /projects/{project_reference}/schedules/{schedule_id}</c>: reads a schedule.</summary>
internal static class GetScheduleEndpoint
{
    /// <summary>Read a schedule</summary>
    /// <remarks>The definition and the state of the schedule. Available as soon as its create has returned.</remarks>
    /// <response code="200">The schedule.</response>
    public static async Task<Results<Ok<ScheduleResource>, ProblemHttpResult>> Handle(
        [AsParameters] ScheduleRoute route,
        Caller caller,
        IScheduleStore store,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken) =>
        await route.Find(store, caller, options.Value, cancellationToken) is { } schedule
            ? TypedResults.Ok(ScheduleResource.From(schedule))
            : Problems.ScheduleNotFound();
}
