using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests/{input_request_id}/responses</c>, and for runs of every kind
/// <c>POST /runs/{run_id}/input-requests/{input_request_id}/responses</c>: closes an input request with values and
/// resumes its run. A repeat with the same values gets the same result; any other response to a closed request is a
/// conflict.
/// </summary>
internal static class RespondToInputRequestEndpoint
{
    /// <summary>Answer an input request of a run</summary>
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
        var found = await route.FindBeforeWrite(store, limits, caller, cancellationToken);
        return found.IsSuccess
            ? await Respond(
                http,
                InputRequestCommands.Create(found.Value, caller),
                found.Value.Request.Id,
                caller,
                store,
                client,
                bodyReader,
                cancellationToken)
            : found.Problem;
    }

    /// <summary>Answer an input request</summary>
    /// <inheritdoc cref="Handle" path="/remarks"/>
    /// <inheritdoc cref="Handle" path="/response"/>
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> HandleInConversation(
        HttpContext http,
        [AsParameters] ConversationInputRequestRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var found = await route.FindBeforeWrite(store, limits, caller, cancellationToken);
        return found.IsSuccess
            ? await Respond(
                http,
                InputRequestCommands.Create(found.Value, caller),
                found.Value.Request.Id,
                caller,
                store,
                client,
                bodyReader,
                cancellationToken)
            : found.Problem;
    }

    // Gets only what it needs: a body that arrives slowly must not keep the run in memory, which may have megabytes.
    private static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Respond(
        HttpContext http,
        ResumeRun resume,
        Guid id,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        CancellationToken cancellationToken)
    {
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
