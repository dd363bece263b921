using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary><c>POST /runs/{run_id}/cancel</c>: cancels a run, and then its descendants. A body is ignored.</summary>
internal static class CancelRunEndpoint
{
    /// <summary>Cancel a run</summary>
    /// <remarks>Cancels the run, and then its descendants. Safe to repeat. A body is ignored.</remarks>
    /// <response code="200">The run has ended, by this call or earlier.</response>
    public static async Task<Results<Ok<CancelRunResponse>, ProblemHttpResult>> Handle(
        [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        if (!route.TryGetRunId(out var runId))
        {
            return Problems.RunNotFound();
        }

        var command = new CancelRun { Tenant = caller.Tenant, RunId = runId, Actor = caller.Actor, TraceId = caller.TraceId };
        var reply = await client.Send(command, caller.Tenant, runId, cancellationToken);
        if (!reply.IsSuccess)
        {
            return reply.Problem;
        }

        var run = reply.Value.Snapshot;
        return TypedResults.Ok(new CancelRunResponse(run.Changed, run.Run));
    }
}
