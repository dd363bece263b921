using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api.Claims;

/// <summary><c>DELETE /agent-workers/workers/{worker_id}/runs/{run_id}/lease</c>: a worker releases a run.</summary>
internal static class ReleaseLeaseEndpoint
{
    /// <summary>Release a run</summary>
    /// <remarks>
    /// Ends the attempt. The run is ready for the next one: at once, or after ten seconds with reason
    /// <c>rejected</c>. This does not count as a failure, except for every 20th release in a row. A run that waits keeps
    /// waiting, without a worker. An attempt that is over is rejected with <c>ATTEMPT_LOST</c>.
    /// </remarks>
    /// <response code="200">The run is released.</response>
    public static async Task<Results<Ok<ReleaseLeaseResponse>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        var sent = await client.SendFromBody(
            http.Request, caller, route, (body, runId) => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        return sent.IsSuccess
            ? TypedResults.Ok(new ReleaseLeaseResponse(sent.Value.Reply.Changed, sent.Value.Reply.Run))
            : sent.Problem;
    }

    private static ReleaseRun ParseBody(JsonObjectReader body, Caller caller, string runId) => new()
    {
        Tenant = caller.Tenant,
        Actor = caller.Actor,
        TraceId = caller.TraceId,
        RunId = runId,
        Attempt = caller.GetAttempt((int?)body.GetRequiredInteger("attempt", FieldLimits.MinAttempt, int.MaxValue)) ?? 0,
        Reason = body.GetRequiredString("reason") ?? "",
    };
}
