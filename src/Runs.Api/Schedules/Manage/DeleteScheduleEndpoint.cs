using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary><c>DELETE /projects/{project_reference}/schedules/{schedule_id}</c>: deletes a schedule.</summary>
internal static class DeleteScheduleEndpoint
{
    /// <summary>Delete a schedule</summary>
    /// <remarks>
    /// The schedule fires no more, and is deleted as soon as none of its runs is active. Its runs are not cancelled. A
    /// fire that has begun is finished. A repeat returns the schedule until it is deleted, and 404 afterwards.
    /// </remarks>
    /// <response code="202">The schedule, with status <c>deleting</c>.</response>
    public static async Task<Results<Accepted<ScheduleResource>, ProblemHttpResult>> Handle(
        [AsParameters] ScheduleRoute route,
        Caller caller,
        IScheduleStore store,
        ScheduleWriter writer,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        var deleted = await writer.Change(
            () => route.Find(store, caller, options.Value, cancellationToken),
            (current, _) => current.Status == ScheduleStatuses.Deleting ? current : current with
            {
                Status = ScheduleStatuses.Deleting,
                NextFireAt = null,
                PausedAt = null,
                PausedReason = null,
            },
            cancellationToken);
        return deleted.IsSuccess ? TypedResults.Accepted((string?)null, ScheduleResource.From(deleted.Value)) : deleted.Problem;
    }
}
