using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.RateLimiting;
using Runs.Api.Security;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests/{input_request_id}/responses</c> and <c>…/cancel</c>: ends an input request, and lets its run go on. The same
/// answer again is answered alike; any other once there is one is a conflict.
/// </summary>
internal static class AnswerInputRequestEndpoint
{
    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Respond(
        HttpContext http, [AsParameters] InputRequestPath path, Caller caller, IRunStore store, RunCommands lifecycle, RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var (found, limited) = await limits.Read(caller.Tenant, () => path.FindBeforeWrite(store, caller, cancellationToken));
        if (found is not var (run, request))
        {
            return limited ?? Problems.InputRequestNotFound();
        }

        AuditLog.SetRun(http, run.RunId);
        var (answer, id) = (Answer(run, request, caller), request.Id); // a body that comes slowly must not keep the run in memory, which may have megabytes
        var (command, problem) = await JsonBody.ReadCommand(
            http.Request, body => ReadValues(body, answer), CommandRules.Check, cancellationToken,
            at: pointer => pointer.Replace("/result", "/values", StringComparison.Ordinal));
        return command is null ? problem! : await Send(command, id, caller, store, lifecycle, cancellationToken);
    }

    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Cancel(
        HttpContext http, [AsParameters] InputRequestPath path, Caller caller, IRunStore store, RunCommands lifecycle, RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var (found, limited) = await limits.Read(caller.Tenant, () => path.FindBeforeWrite(store, caller, cancellationToken));
        if (found is not var (run, request))
        {
            return limited ?? Problems.InputRequestNotFound();
        }

        AuditLog.SetRun(http, run.RunId);
        return request.Status == InputRequestStatuses.Cancelled
            ? TypedResults.Ok(InputRequestResource.From(run, request))
            : await Send(Answer(run, request, caller) with { IsError = true }, request.Id, caller, store, lifecycle, cancellationToken);
    }

    // The credential says who answers, whoever was asked.
    private static ResumeRun Answer(Run run, InputRequest request, Caller caller) => new()
    {
        Tenant = run.Tenant,
        Actor = caller.Actor,
        TraceId = caller.TraceId,
        RunId = run.RunId,
        ToolCallId = request.ToolCallId,
        Responder = new InputResponder { ActorType = caller.ActorType, ActorId = caller.UserId },
    };

    private static (ResumeRun Command, List<InvalidMember> Errors) ReadValues(JsonElement json, ResumeRun answer)
    {
        var errors = new List<InvalidMember>();
        var body = new JsonFields(json, "", errors);
        return (answer with { Result = body.RequiredObject("values") is { } values ? RawJson.From(values) : default }, errors);
    }

    private static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> Send(
        ResumeRun command, Guid id, Caller caller, IRunStore store, RunCommands lifecycle, CancellationToken cancellationToken)
    {
        var result = await lifecycle.Send(command, caller.Tenant, command.RunId, cancellationToken);
        if (result.Problem is { } problem)
        {
            return problem;
        }

        var run = await store.FindAfterWrite(RunKey.Of(caller.Tenant, command.RunId), cancellationToken);
        return TypedResults.Ok(InputRequestResource.From(run, run.InputRequests.Find(asked => asked.Id == id)!));
    }
}
