using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary><c>DELETE /agent-workers/workers/{worker_id}/runs/{run_id}/lease</c>: a worker releases a run.</summary>
internal static class ReleaseLeaseEndpoint
{
    /// <summary>Release a run</summary>
    /// <remarks>
    /// Ends the attempt. The run is ready for the next one: at once, or after ten seconds with reason
    /// <c>rejected</c>. This does not count as a failure, except for every 20th release in a row. A run that waits
    /// keeps waiting, without a worker. An attempt that is over, or that belongs to another worker, is rejected with
    /// <c>ATTEMPT_LOST</c>.
    /// </remarks>
    /// <response code="200">The run is released.</response>
    public static async Task<Results<Ok<ReleaseLeaseResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetRunId(out var runId))
        {
            return Problems.RunNotFound();
        }

        var command = await bodyReader.ReadCommand(
            http.Request, body => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        if (!command.IsSuccess)
        {
            return command.Problem;
        }

        var found = await limits.Read(caller.Tenant, () => route.FindBeforeWrite(store, caller, cancellationToken), Problems.RunNotFound);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        // The saga does not check which worker an attempt belongs to.
        var attempt = found.Value.Attempts.Find(known => known.Attempt == command.Value.Attempt);
        if (attempt?.WorkerId != caller.Worker!.LeaseOwner)
        {
            return Problems.AttemptLost(found.Value);
        }

        var reply = await client.Send(command.Value, caller.Tenant, runId, cancellationToken);
        return reply.IsSuccess
            ? TypedResults.Ok(new ReleaseLeaseResponse(reply.Value.Snapshot.Changed, reply.Value.Snapshot.Run))
            : reply.Problem;
    }

    private static ReleaseRun ParseBody(JsonObjectReader body, Caller caller, string runId) => new()
    {
        Tenant = caller.Tenant,
        Actor = caller.Actor,
        TraceId = caller.TraceId,
        RunId = runId,
        Attempt = (int)(body.GetRequiredInteger("attempt", FieldLimits.MinAttempt, int.MaxValue) ?? 0),
        Reason = body.GetRequiredString("reason") ?? "",
    };
}
