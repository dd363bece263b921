using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// <c>PUT /agent-workers/workers/{worker_id}/runs/{run_id}/session</c>: a worker stores how far it has come, directly
/// in the store, like an append. Costs one read and one write, and again after each concurrent change of the run.
/// </summary>
internal static class SetSessionEndpoint
{
    /// <summary>Store a session</summary>
    /// <remarks>
    /// Stores what the worker needs to continue the run: a later attempt, of any worker, gets it with its claim. A run
    /// has one session. It does not change the status of the run. An attempt that is over is rejected with
    /// <c>ATTEMPT_LOST</c>. After a claim that is not <c>fenced</c>, the worker of the last attempt may name none, also
    /// when the run has ended.
    /// </remarks>
    /// <response code="200">The session is stored.</response>
    public static async Task<Results<Ok<SetSessionResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var body = await bodyReader.Read(http.Request, SetSessionBody.Parse, cancellationToken);
        if (!body.IsSuccess)
        {
            return body.Problem;
        }

        while (true)
        {
            var found = await limits.Read(caller.Tenant, () => route.Find(store, caller, cancellationToken), Problems.RunNotFound);
            if (!found.IsSuccess)
            {
                return found.Problem;
            }

            var run = found.Value;
            if (Check(run, caller.Worker!, body.Value.Attempt) is { } rejection)
            {
                return rejection;
            }

            var session = body.Value.Apply(run, caller.Worker!, clock.GetUtcNow().TruncateToMilliseconds());
            if (await store.TrySetSession(run, session, cancellationToken))
            {
                return TypedResults.Ok(new SetSessionResponse(WorkerSessionResource.From(run.RunId, session.ToContract())));
            }
        }
    }

    // Published workers name no attempt, and may report the end of the session after that of the run.
    private static ProblemHttpResult? Check(Run run, CallingWorker worker, int? attempt)
    {
        if (attempt is null && run.RequiresAttempt() && run.LeaseOwner == worker.LeaseOwner)
        {
            return Problems.AttemptRequired();
        }

        var isOwn = attempt is { } named
            ? run.LeaseOwner == worker.LeaseOwner && run.IsCurrentAttempt(named)
            : run.Attempts is [.., var last] && last.WorkerId == worker.LeaseOwner
                && (last.EndedAt is null || RunStatuses.IsTerminal(run.Status));
        return isOwn ? null : Problems.AttemptLost(run);
    }
}
