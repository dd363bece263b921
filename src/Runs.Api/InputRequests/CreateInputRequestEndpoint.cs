using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Runs.Api.Http;
using Runs.Api.RateLimiting;
using Runs.Api.Security;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests</c>: asks somebody to fill in a form; the run waits meanwhile. One for each tool call of a run: asking again
/// is answered 200 with the first, whatever became of it.
/// </summary>
internal static class CreateInputRequestEndpoint
{
    private static readonly string[] Kinds = ["form"];

    public static async Task<Results<Created<InputRequestResource>, Ok<InputRequestResource>, ProblemHttpResult>> Handle(
        HttpContext http, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store, RunCommands lifecycle,
        RequestLimits limits, CancellationToken cancellationToken)
    {
        var (command, problem) = await JsonBody.ReadCommand(
            http.Request, body => Read(body, caller), CommandRules.Check, cancellationToken,
            at: pointer => pointer.Replace("/input_request", "", StringComparison.Ordinal));
        if (command is null)
        {
            return problem!;
        }

        AuditLog.SetRun(http, command.RunId);
        var path = new ConversationRunPath(conversationId, command.RunId);
        var (found, limited) = await limits.Read(caller.Tenant, () => path.FindBeforeWrite(store, caller, cancellationToken));
        if (found is null)
        {
            return limited ?? Problems.RunNotFound();
        }

        var result = await lifecycle.Send(command, caller.Tenant, command.RunId, cancellationToken);
        if (result.Run is not { } answer)
        {
            return result.Problem!;
        }

        var run = await store.FindAfterWrite(RunKey.Of(caller.Tenant, command.RunId), cancellationToken);
        var request = run.InputRequests.Find(asked => asked.ToolCallId == command.ToolCallId)!;
        var resource = InputRequestResource.From(run, request);
        return answer.Changed
            ? TypedResults.Created(http.Request.Link($"/conversations/{run.ConversationId}/input-requests/{request.Id}"), resource)
            : TypedResults.Ok(resource);
    }

    private static (WaitRun Command, List<InvalidMember> Errors) Read(JsonElement json, Caller caller)
    {
        var errors = new List<InvalidMember>();
        var body = new JsonFields(json, "", errors);
        body.OneOf("kind", Kinds);
        var command = new WaitRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = body.RequiredText("run_id") ?? "",
            Reason = WaitingReasons.Input,
            ToolCallId = body.RequiredText("tool_call_id"),
            ExpiresAt = body.Time("expires_at"),
            InputRequest = new InputForm
            {
                RequestedResponderType = body.RequiredText("requested_responder_type") ?? "",
                Title = body.RequiredText("title") ?? "",
                Description = body.Text("description"),
                Fields = body.RequiredArray("fields") is { } fields ? RawJson.From(fields) : default,
                Metadata = body.Object("metadata"),
            },
        };
        return (command, errors);
    }
}
