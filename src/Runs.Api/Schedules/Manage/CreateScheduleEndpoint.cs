using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>
/// <c>POST /projects/{project_reference}/schedules</c>: creates a schedule. Costs a count and a write of the store.
/// </summary>
internal static class CreateScheduleEndpoint
{
    /// <summary>Create a schedule</summary>
    /// <remarks>
    /// Creates a schedule that is active at once. Its first fire is the first time of its expression from now. The call
    /// has no idempotency key: a repeat creates another schedule. A tenant has at most
    /// <c>Api__MaxSchedulesPerTenant</c> schedules.
    /// </remarks>
    /// <response code="201">The schedule is stored.</response>
    public static async Task<Results<Created<ScheduleResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] ProjectRoute route,
        Caller caller,
        IScheduleStore store,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(options.Value, out var project) || !caller.CanUseProject(project))
        {
            return Problems.ProjectNotFound();
        }

        var now = clock.GetUtcNow().TruncateToMilliseconds();
        var id = Guid.CreateVersion7(now);
        var read = await bodyReader.ReadCommand(
            http.Request,
            body => ScheduleDefinitionReader.ReadNew(body, id, project, caller, now),
            ScheduleDefinitionReader.FindRunErrors,
            cancellationToken);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        using var permit = limits.Reads.Acquire(caller.Tenant);
        if (RequestLimits.ToReadProblem(permit) is { } limited)
        {
            return limited;
        }

        var limit = options.Value.MaxSchedulesPerTenant;
        if (await store.Count(caller.Tenant, limit, cancellationToken) >= limit)
        {
            return Problems.ScheduleLimitReached(limit);
        }

        var schedule = read.Value.StartAfter(CronSchedule.Parse(read.Value.Cron, read.Value.Timezone), now);
        schedule = schedule with { DueAt = ScheduleTimes.GetDueAt(schedule, now) };
        if (!await store.TryInsert(schedule, cancellationToken))
        {
            throw new InvalidOperationException($"The generated id {id} of a schedule exists.");
        }

        return TypedResults.Created(
            http.Request.BuildLink($"/projects/{project}/schedules/{id}"), new ScheduleResponse(ScheduleResource.From(schedule)));
    }
}
