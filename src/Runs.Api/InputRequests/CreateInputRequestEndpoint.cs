using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests</c>: creates an input request: a form that a responder fills
/// in while the run waits. A tool call of a run has at most one input request; a repeat returns 200 with the existing
/// one, regardless of its status.
/// </summary>
internal static class CreateInputRequestEndpoint
{
    private static readonly string[] Kinds = ["form"];

    public static async Task<Results<Created<InputRequestResource>, Ok<InputRequestResource>, ProblemHttpResult>> Handle(
        HttpContext http, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store, RunCommandClient client,
        RequestLimits limits, CancellationToken cancellationToken)
    {
        var (command, problem) = await JsonBodyReader.ReadCommand(
            http.Request, body => ParseBody(body, caller), CommandValidator.Validate, cancellationToken,
            mapPointer: pointer => pointer.Replace("/input_request", "", StringComparison.Ordinal));
        if (command is null)
        {
            return problem!;
        }

        AuditLogMiddleware.SetRunId(http, command.RunId);
        var path = new ConversationRunRoute(conversationId, command.RunId);
        var (found, readProblem) = await limits.Read(caller.Tenant, () => path.FindBeforeWrite(store, caller, cancellationToken));
        if (found is null)
        {
            return readProblem ?? Problems.RunNotFound();
        }

        var result = await client.Send(command, caller.Tenant, command.RunId, cancellationToken);
        if (result.Snapshot is not { } snapshot)
        {
            return result.Problem!;
        }

        var run = await store.FindAfterWrite(RunIds.ForRun(caller.Tenant, command.RunId), cancellationToken);
        var request = run.InputRequests.Find(inputRequest => inputRequest.ToolCallId == command.ToolCallId)!;
        var resource = InputRequestResource.From(run, request);
        return snapshot.Changed
            ? TypedResults.Created(http.Request.BuildLink($"/conversations/{run.ConversationId}/input-requests/{request.Id}"), resource)
            : TypedResults.Ok(resource);
    }

    private static (WaitRun Command, List<ValidationError> Errors) ParseBody(JsonElement json, Caller caller)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        body.GetOneOf("kind", Kinds);
        var command = new WaitRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = body.GetRequiredString("run_id") ?? "",
            Reason = WaitingReasons.Input,
            ToolCallId = body.GetRequiredString("tool_call_id"),
            ExpiresAt = body.GetTimestamp("expires_at"),
            InputRequest = new InputForm
            {
                RequestedResponderType = body.GetRequiredString("requested_responder_type") ?? "",
                Title = body.GetRequiredString("title") ?? "",
                Description = body.GetString("description"),
                Fields = body.GetRequiredArray("fields") is { } fields ? RawJson.FromElement(fields) : default,
                Metadata = body.GetRawObject("metadata"),
            },
        };
        return (command, errors);
    }
}
