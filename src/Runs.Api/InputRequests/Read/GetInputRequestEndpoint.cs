using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>GET /conversations/{conversation_id}/input-requests/{input_request_id}</c>, and for runs of every kind
/// <c>GET /runs/{run_id}/input-requests/{input_request_id}</c>: reads an input request.
/// </summary>
internal static class GetInputRequestEndpoint
{
    /// <summary>Read an input request of a run</summary>
    /// <remarks>The form, its status and its response. Available as soon as its create has returned.</remarks>
    /// <response code="200">The request.</response>
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Handle(
        [AsParameters] InputRequestRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken)
    {
        var found = await route.Find(store, caller, cancellationToken);
        return found.IsSuccess ? TypedResults.Ok(InputRequestResource.From(found.Value)) : found.Problem;
    }

    /// <summary>Read an input request</summary>
    /// <inheritdoc cref="Handle" path="/remarks"/>
    /// <inheritdoc cref="Handle" path="/response"/>
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> HandleInConversation(
        [AsParameters] ConversationInputRequestRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.Find(store, caller, cancellationToken) is { } found
            ? TypedResults.Ok(InputRequestResource.From(found))
            : Problems.InputRequestNotFound();
}
