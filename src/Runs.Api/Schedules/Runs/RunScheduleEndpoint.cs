using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>
/// <c>POST /projects/{project_reference}/schedules/{schedule_id}/runs</c>: creates a run of a schedule by hand.
/// Responds after the run is durably stored.
/// </summary>
internal static class RunScheduleEndpoint
{
    /// <summary>Run a schedule by hand</summary>
    /// <remarks>
    /// Creates a run as the schedule defines it, beside its fires, also while it is paused and whether or not a run is
    /// active. A repeat with the same <c>idempotency_key</c> returns the same run. The run is active for the schedule's
    /// <c>concurrency_policy</c>, and does not count for <c>max_runs</c>.
    /// </remarks>
    /// <response code="201">The run is stored, by this call or by an earlier one with the same key.</response>
    public static async Task<Results<Created<ScheduleRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] ScheduleRoute route,
        Caller caller,
        IScheduleStore store,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var read = await bodyReader.ReadCommand(http.Request, ReadBody, _ => [], cancellationToken);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        var found = await limits.Read(
            caller.Tenant, () => route.Find(store, caller, options.Value, cancellationToken), Problems.ScheduleNotFound);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        if (found.Value.Status == ScheduleStatuses.Deleting)
        {
            return Problems.ScheduleIsDeleting();
        }

        var command = CreateCommand(found.Value, read.Value, caller, clock.GetUtcNow(), client.ReplyTimeout);
        AuditLogMiddleware.SetRunId(http, command.RunId);
        var reply = await client.Send(command, caller.Tenant, command.RunId, cancellationToken);
        if (!reply.IsSuccess)
        {
            return reply.Problem;
        }

        return reply.Value.Snapshot.Run.ScheduleId == command.ScheduleId
            ? TypedResults.Created(http.Request.BuildLink($"/runs/{command.RunId}"), CreateResponse(found.Value, command))
            : Problems.ScheduleRunIdTaken(); // callers choose run ids
    }

    private static RunScheduleRequest ReadBody(JsonObjectReader body) => new()
    {
        RunName = body.GetSingleLine("run_name", FieldLimits.MaxNameLength),
        IdempotencyKey = body.GetSingleLine("idempotency_key", FieldLimits.MaxNameLength),
    };

    private static CreateRun CreateCommand(
        Schedule schedule, RunScheduleRequest request, Caller caller, DateTimeOffset now, TimeSpan replyTimeout)
    {
        var key = request.IdempotencyKey ?? Guid.CreateVersion7(now).ToString();
        return ScheduledRuns.CreateByHand(schedule, ScheduledRuns.GetManualRunId(schedule.Id, key), request.RunName) with
        {
            CreatedBy = caller.UserId,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            ExpiresAt = request.IdempotencyKey is null ? now + replyTimeout : null, // as for a create without public_id
        };
    }

    private static ScheduleRunResponse CreateResponse(Schedule schedule, CreateRun command) => new()
    {
        RunId = command.RunId,
        RunExecutionId = RunIds.ForRun(schedule.Tenant, command.RunId).ToString(),
        ScheduleId = schedule.Id.ToString(),
    };
}
