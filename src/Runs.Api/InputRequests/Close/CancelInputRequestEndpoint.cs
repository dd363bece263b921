using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests/{input_request_id}/cancel</c>: closes an input request
/// without values and resumes its run.
/// </summary>
internal static class CancelInputRequestEndpoint
{
    /// <summary>Cancel an input request</summary>
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
        var found = await limits.Read(
            caller.Tenant, () => route.FindBeforeWrite(store, caller, cancellationToken), Problems.InputRequestNotFound);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        var (run, request) = found.Value;
        AuditLogMiddleware.SetRunId(http, run.RunId);
        if (request.Status == InputRequestStatuses.Cancelled)
        {
            return TypedResults.Ok(InputRequestResource.From(run, request));
        }

        var command = InputRequestCommands.Create(found.Value, caller) with { IsError = true };
        return await InputRequestCommands.Send(command, request.Id, caller, store, client, cancellationToken);
    }
}
