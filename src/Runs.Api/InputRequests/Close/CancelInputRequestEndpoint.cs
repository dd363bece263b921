using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests/{input_request_id}/cancel</c>, and for runs of every kind
/// <c>POST /runs/{run_id}/input-requests/{input_request_id}/cancel</c>: closes an input request without values and
/// resumes its run.
/// </summary>
internal static class CancelInputRequestEndpoint
{
    /// <summary>Cancel an input request of a run</summary>
    /// <remarks>
    /// The run resumes without values; its executor receives this as a failed tool call. Safe to repeat. A body is
    /// ignored.
    /// </remarks>
    /// <response code="200">The request is cancelled, by this call or an earlier one.</response>
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] InputRequestRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var found = await route.FindBeforeWrite(store, limits, caller, cancellationToken);
        return found.IsSuccess ? await Cancel(http, found.Value, caller, store, client, cancellationToken) : found.Problem;
    }

    /// <summary>Cancel an input request</summary>
    /// <inheritdoc cref="Handle" path="/remarks"/>
    /// <inheritdoc cref="Handle" path="/response"/>
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> HandleInConversation(
        HttpContext http,
        [AsParameters] ConversationInputRequestRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var found = await route.FindBeforeWrite(store, limits, caller, cancellationToken);
        return found.IsSuccess ? await Cancel(http, found.Value, caller, store, client, cancellationToken) : found.Problem;
    }

    private static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Cancel(
        HttpContext http,
        RunInputRequest found,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        CancellationToken cancellationToken)
    {
        AuditLogMiddleware.SetRunId(http, found.Run.RunId);
        if (found.Request.Status == InputRequestStatuses.Cancelled)
        {
            return TypedResults.Ok(InputRequestResource.From(found));
        }

        var command = InputRequestCommands.Create(found, caller) with { IsError = true };
        return await InputRequestCommands.Send(command, found.Request.Id, caller, store, client, cancellationToken);
    }
}
