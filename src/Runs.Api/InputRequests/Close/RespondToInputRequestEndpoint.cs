using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests/{input_request_id}/responses</c>: closes an input request
/// with values and resumes its run. A repeat with the same values gets the same result; any other response to a closed
/// request is a conflict.
/// </summary>
internal static class RespondToInputRequestEndpoint
{
    /// <summary>Answer an input request</summary>
    /// <remarks>
    /// Submits the values and resumes the run with them. A repeat with the same values, compared as JSON values, gets
    /// the same response and changes nothing. Other values are rejected, and so are all values after the request was
    /// cancelled or has expired. The caller is recorded as the actor.
    /// </remarks>
    /// <response code="200">The request has these values, from this call or an earlier one.</response>
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] InputRequestRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var found = await limits.Read(
            caller.Tenant, () => route.FindBeforeWrite(store, caller, cancellationToken), Problems.InputRequestNotFound);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        // Copies what it needs: a body that arrives slowly must not keep the run in memory, which may have megabytes.
        var (resume, id) = (InputRequestCommands.Create(found.Value, caller), found.Value.Request.Id);
        AuditLogMiddleware.SetRunId(http, resume.RunId);
        var command = await bodyReader.ReadCommand(
            http.Request,
            body => ParseBody(body, resume),
            CommandValidator.Validate,
            cancellationToken,
            mapPointer: pointer => pointer.Replace("/result", "/values", StringComparison.Ordinal));
        return command.IsSuccess
            ? await InputRequestCommands.Send(command.Value, id, caller, store, client, cancellationToken)
            : command.Problem;
    }

    private static ResumeRun ParseBody(JsonObjectReader body, ResumeRun command) =>
        command with { Result = body.GetRequiredRawObject("values") ?? default };
}
