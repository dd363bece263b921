using Microsoft.AspNetCore.Http.HttpResults;
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
    /// <summary>Create an input request</summary>
    /// <remarks>
    /// Requests a person, an agent or a system to fill in a form. The run waits, with reason <c>input</c>, until the
    /// request is answered or cancelled. When the request expires, the run fails. A pending run is started first. A
    /// tool call of a run has one input request: a repeat returns the existing request, even if the form differs, and
    /// regardless of its status. When the attempt that requested it failed without a response, the next attempt may
    /// request it again. The forms and responses of one run together have at most about 500 KB.
    /// </remarks>
    /// <response code="201">The request is open.</response>
    /// <response code="200">The tool call already has an input request: that request in its current state.</response>
    public static async Task<Results<Created<InputRequestResource>, Ok<InputRequestResource>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] ConversationRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var read = await bodyReader.ReadCommand(
            http.Request,
            body => ParseBody(body, caller),
            ValidateForm,
            cancellationToken,
            mapPointer: pointer => pointer.Replace("/input_request", "", StringComparison.Ordinal));
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        var command = read.Value;
        AuditLogMiddleware.SetRunId(http, command.RunId);
        var path = new ConversationRunRoute(route.ConversationId, command.RunId);
        var found = await limits.Read(caller.Tenant, () => path.FindBeforeWrite(store, caller, cancellationToken), Problems.RunNotFound);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        var authorized = WorkerRunAccess.Attempted.Authorize(caller, found.Value);
        if (!authorized.IsSuccess)
        {
            return authorized.Problem;
        }

        command = command with { Attempt = authorized.Value.GetAttempt(command.Attempt) };
        var reply = await client.Send(command, caller.Tenant, command.RunId, cancellationToken);
        if (!reply.IsSuccess)
        {
            return reply.Problem;
        }

        var run = await store.FindAfterWrite(RunIds.ForRun(caller.Tenant, command.RunId), cancellationToken);
        var request = run.InputRequests.Last(inputRequest => inputRequest.ToolCallId == command.ToolCallId);
        var resource = InputRequestResource.From(run, request);
        return reply.Value.Snapshot.Changed
            ? TypedResults.Created(http.Request.BuildLink($"/conversations/{run.ConversationId}/input-requests/{request.Id}"), resource)
            : TypedResults.Ok(resource);
    }

    // The API allows 255 characters here. A run has at most 128, so a longer id is that of no run.
    private static IReadOnlyList<ValidationError> ValidateForm(WaitRun command) =>
        [.. CommandValidator.Validate(command).Where(error => error.Pointer != "/run_id")];

    private static WaitRun ParseBody(JsonObjectReader body, Caller caller)
    {
        body.GetOneOf("kind", InputRequestKinds.All);
        return new WaitRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = body.GetRequiredSingleLine("run_id", FieldLimits.MaxNameLength) ?? "",
            Reason = WaitingReasons.Input,
            ToolCallId = body.GetRequiredString("tool_call_id"),
            ExpiresAt = body.GetTimestamp("expires_at"),
            Attempt = (int?)body.GetInteger("attempt", FieldLimits.MinAttempt, int.MaxValue),
            Release = body.GetBoolean("release"),
            InputRequest = new InputForm
            {
                RequestedResponderType = body.GetRequiredString("requested_responder_type") ?? "",
                Title = body.GetRequiredString("title") ?? "",
                Description = body.GetString("description"),
                Fields = body.GetRequiredRawArray("fields") ?? default,
                Metadata = body.GetRawObject("metadata"),
            },
        };
    }
}
