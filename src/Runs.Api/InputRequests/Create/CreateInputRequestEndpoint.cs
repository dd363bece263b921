using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>POST /conversations/{conversation_id}/input-requests</c>, and for runs of every kind
/// <c>POST /runs/{run_id}/input-requests</c>: creates an input request: a form that a responder fills in while the run
/// waits. A tool call of a run has at most one input request; a repeat returns 200 with the existing one, regardless of
/// its status.
/// </summary>
internal static class CreateInputRequestEndpoint
{
    /// <summary>Create an input request of a run</summary>
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
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetRunId(out var runId))
        {
            return Problems.RunNotFound();
        }

        var read = await ReadBody(http.Request, caller, runId, bodyReader, cancellationToken);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        return read.Value.RunId == runId
            ? await Create(http, $"/runs/{runId}", read.Value, caller, store, client, cancellationToken)
            : Problems.RunNotFound();
    }

    /// <summary>Create an input request</summary>
    /// <inheritdoc cref="Handle" path="/remarks"/>
    /// <inheritdoc cref="Handle" path="/response"/>
    public static async Task<Results<Created<InputRequestResource>, Ok<InputRequestResource>, ProblemHttpResult>> HandleInConversation(
        HttpContext http,
        [AsParameters] ConversationRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var read = await ReadBody(http.Request, caller, runIdOfPath: null, bodyReader, cancellationToken);
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
        return authorized.IsSuccess
            ? await Create(
                http, $"/conversations/{found.Value.ConversationId}", command, authorized.Value, store, client, cancellationToken)
            : authorized.Problem;
    }

    private static async Task<Results<Created<InputRequestResource>, Ok<InputRequestResource>, ProblemHttpResult>> Create(
        HttpContext http,
        string parentPath,
        WaitRun command,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        CancellationToken cancellationToken)
    {
        command = command with { Attempt = caller.GetAttempt(command.Attempt) };
        if (caller.MustNameAttempt && command.Attempt is null)
        {
            return Problems.AttemptRequired();
        }

        var reply = await client.Send(command, caller.Tenant, command.RunId, cancellationToken);
        if (!reply.IsSuccess)
        {
            return reply.Problem;
        }

        var created = await RunInputRequest.FindAfterWrite(store, command, cancellationToken);
        var resource = InputRequestResource.From(created);
        return reply.Value.Snapshot.Changed
            ? TypedResults.Created(http.Request.BuildLink($"{parentPath}/input-requests/{resource.Id}"), resource)
            : TypedResults.Ok(resource);
    }

    private static Task<Result<WaitRun>> ReadBody(
        HttpRequest request, Caller caller, string? runIdOfPath, JsonBodyReader bodyReader, CancellationToken cancellationToken) =>
        bodyReader.ReadCommand(
            request,
            body => ParseBody(body, caller, runIdOfPath),
            ValidateForm,
            cancellationToken,
            mapPointer: pointer => pointer.Replace("/input_request", "", StringComparison.Ordinal));

    // The API allows 255 characters here. A run has at most 128, so a longer id is that of no run.
    private static IReadOnlyList<ValidationError> ValidateForm(WaitRun command) =>
        [.. CommandValidator.Validate(command).Where(error => error.Pointer != "/run_id")];

    private static WaitRun ParseBody(JsonObjectReader body, Caller caller, string? runIdOfPath) => new()
    {
        Tenant = caller.Tenant,
        Actor = caller.Actor,
        TraceId = caller.TraceId,
        RunId = (runIdOfPath is null
            ? body.GetRequiredSingleLine("run_id", FieldLimits.MaxNameLength)
            : body.GetSingleLine("run_id", FieldLimits.MaxNameLength) ?? runIdOfPath) ?? "",
        Reason = WaitingReasons.Input,
        ToolCallId = body.GetRequiredString("tool_call_id"),
        ExpiresAt = body.GetTimestamp("expires_at"),
        Attempt = body.GetAttempt(),
        Release = body.GetBoolean("release"),
        InputRequest = InputFormParser.Parse(body),
    };
}
