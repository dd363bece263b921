using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary><c>POST /runs/{run_id}/cancel</c>: cancels a run, and then its descendants. A body is ignored.</summary>
internal static class CancelRunEndpoint
{
    public static async Task<Results<Ok<CancelRunResponse>, ProblemHttpResult>> Handle(
        [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        if (!route.TryGetRunId(out var runId))
        {
            return Problems.RunNotFound();
        }

        var command = new CancelRun { Tenant = caller.Tenant, RunId = runId, Actor = caller.Actor, TraceId = caller.TraceId };
        var result = await client.Send(command, caller.Tenant, runId, cancellationToken);
        return result.Snapshot is { } run ? TypedResults.Ok(new CancelRunResponse(run.Changed, run.Run)) : result.Problem!;
    }
}

/// <summary>The response to a cancel.</summary>
/// <param name="Cancelled">Whether this call ended the run. False when it had already ended, with any status.</param>
/// <param name="Run">The current run.</param>
public sealed record CancelRunResponse(bool Cancelled, RunResource Run) : IRunResponse;
