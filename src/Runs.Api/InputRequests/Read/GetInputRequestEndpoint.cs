using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>GET /conversations/{conversation_id}/input-requests/{input_request_id}</c>: reads an input request.
/// </summary>
internal static class GetInputRequestEndpoint
{
    /// <summary>Read an input request</summary>
    /// <remarks>The form, its status and its response. Available as soon as its create has returned.</remarks>
    /// <response code="200">The request.</response>
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Handle(
        [AsParameters] InputRequestRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.Find(store, caller, cancellationToken) is var (run, request)
            ? TypedResults.Ok(InputRequestResource.From(run, request))
            : Problems.InputRequestNotFound();
}
