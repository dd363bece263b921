using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary><c>GET /runs/{run_id}/attempts</c>: lists the attempts of a run. Costs one read of the store.</summary>
internal static class ListAttemptsEndpoint
{
    /// <summary>List a run's attempts</summary>
    /// <remarks>
    /// The last 50 attempts, oldest first: who executed the run, when, and how each attempt ended. A run that was
    /// started without a claim has one attempt without a worker.
    /// </remarks>
    /// <response code="200">The attempts.</response>
    public static async Task<Results<Ok<ListAttemptsResponse>, ProblemHttpResult>> Handle(
        [AsParameters] RunRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } run
            ? TypedResults.Ok(new ListAttemptsResponse(run.Attempts.ConvertAll(AttemptResource.From)))
            : Problems.RunNotFound();
}
