using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests/{input_request_id}/responses</c> and <c>…/cancel</c>: closes
/// an input request and resumes its run. A repeat with the same response gets the same result; any other response to a
/// closed request is a conflict.
/// </summary>
internal static class RespondToInputRequestEndpoint
{
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Respond(
        HttpContext http, [AsParameters] InputRequestRoute route, Caller caller, IRunStore store, RunCommandClient client, RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var (found, readProblem) = await limits.Read(caller.Tenant, () => route.FindBeforeWrite(store, caller, cancellationToken));
        if (found is not var (run, request))
        {
            return readProblem ?? Problems.InputRequestNotFound();
        }

        AuditLogMiddleware.SetRunId(http, run.RunId);
        // Copies what it needs: a body that arrives slowly must not keep the run in memory, which may have megabytes.
        var (resume, id) = (CreateCommand(run, request, caller), request.Id);
        var (command, problem) = await JsonBodyReader.ReadCommand(
            http.Request, body => ParseValues(body, resume), CommandValidator.Validate, cancellationToken,
            mapPointer: pointer => pointer.Replace("/result", "/values", StringComparison.Ordinal));
        return command is null ? problem! : await Send(command, id, caller, store, client, cancellationToken);
    }

    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Cancel(
        HttpContext http, [AsParameters] InputRequestRoute route, Caller caller, IRunStore store, RunCommandClient client, RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var (found, readProblem) = await limits.Read(caller.Tenant, () => route.FindBeforeWrite(store, caller, cancellationToken));
        if (found is not var (run, request))
        {
            return readProblem ?? Problems.InputRequestNotFound();
        }

        AuditLogMiddleware.SetRunId(http, run.RunId);
        return request.Status == InputRequestStatuses.Cancelled
            ? TypedResults.Ok(InputRequestResource.From(run, request))
            : await Send(CreateCommand(run, request, caller) with { IsError = true }, request.Id, caller, store, client, cancellationToken);
    }

    // The responder is the caller, not the requested responder type.
    private static ResumeRun CreateCommand(Run run, InputRequest request, Caller caller) => new()
    {
        Tenant = run.Tenant,
        Actor = caller.Actor,
        TraceId = caller.TraceId,
        RunId = run.RunId,
        ToolCallId = request.ToolCallId,
        Responder = new InputResponder { ActorType = caller.ActorType, ActorId = caller.UserId },
    };

    private static (ResumeRun Command, List<ValidationError> Errors) ParseValues(JsonElement json, ResumeRun command)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        return (command with { Result = body.GetRequiredObject("values") is { } values ? RawJson.FromElement(values) : default }, errors);
    }

    private static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Send(
        ResumeRun command, Guid inputRequestId, Caller caller, IRunStore store, RunCommandClient client, CancellationToken cancellationToken)
    {
        var result = await client.Send(command, caller.Tenant, command.RunId, cancellationToken);
        if (result.Problem is { } problem)
        {
            return problem;
        }

        var run = await store.FindAfterWrite(RunIds.ForRun(caller.Tenant, command.RunId), cancellationToken);
        return TypedResults.Ok(InputRequestResource.From(run, run.InputRequests.Find(inputRequest => inputRequest.Id == inputRequestId)!));
    }
}
