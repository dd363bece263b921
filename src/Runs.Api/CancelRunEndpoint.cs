using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.RateLimiting;
using Runs.Contracts;

namespace Runs.Api;

/// <summary><c>POST /runs/{run_id}/cancel</c>: calls a run off, and its descendants after it. A body is not looked at.</summary>
internal static class CancelRunEndpoint
{
    public static async Task<Results<Ok<CancelRunResource>, ProblemHttpResult>> Handle(
        [AsParameters] RunPath path, Caller caller, RunCommands lifecycle, CancellationToken cancellationToken)
    {
        if (!path.TryRunId(out var runId))
        {
            return Problems.RunNotFound();
        }

        var command = new CancelRun { Tenant = caller.Tenant, RunId = runId, Actor = caller.Actor, TraceId = caller.TraceId };
        var result = await lifecycle.Send(command, caller.Tenant, runId, cancellationToken);
        return result.Run is { } run ? TypedResults.Ok(new CancelRunResource(run.Changed, run.Run)) : result.Problem!;
    }
}

/// <summary>The answer to a cancel.</summary>
/// <param name="Cancelled">Whether this call ended the run; false when it had ended before, however it ended.</param>
/// <param name="Run">The run as it is now.</param>
public sealed record CancelRunResource(bool Cancelled, RunResource Run) : IRunAnswer;
