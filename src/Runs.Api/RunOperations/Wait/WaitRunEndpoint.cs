using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>POST /runs/{run_id}/wait</c>: pauses a run until a result, an approval, an event or an input arrives. For
/// executors that do not use the broker; others send <see cref="WaitRun"/>. A repeat of the same wait changes nothing.
/// </summary>
internal static class WaitRunEndpoint
{
    /// <summary>Make a run wait</summary>
    /// <remarks>
    /// Pauses execution until a result, an approval, an event or an input arrives. For executors that do not use the
    /// broker. A pending run is started first. The time that a run waits does not count towards its
    /// <c>timeout_seconds</c>; when the run resumes, the full timeout applies again.
    ///
    /// A repeat of the call while the run waits for this <c>reason</c> and <c>tool_call_id</c> changes nothing, not
    /// even <c>expires_at</c>. A tool call is awaited once: a repeat that arrives after its result changes nothing
    /// either. Without a <c>tool_call_id</c>, the same call is a new wait once the run has resumed. A run waits for one
    /// thing at a time. <c>POST /runs/{run_id}/resume</c> ends the wait. An <c>input</c> without a tool call ends only
    /// over the broker, by <c>expires_at</c>, or with the run.
    ///
    /// With <c>input_request</c>, the wait opens a form, as <c>POST /runs/{run_id}/input-requests</c> does, under the
    /// same rules. Only a response or a cancel of the input request <c>input_request_id</c> ends it.
    ///
    /// A worker that names its <c>attempt</c> may release the run while it waits, with <c>release</c>: the attempt
    /// ends, and when the result arrives, the run is ready for the next claim.
    /// </remarks>
    /// <response code="200">The run is waiting.</response>
    public static async Task<Results<Ok<WaitRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        RunCommandClient client,
        CancellationToken cancellationToken)
    {
        var sent = await client.SendFromBody(
            http.Request, caller, route, (body, runId) => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        if (!sent.IsSuccess)
        {
            return sent.Problem;
        }

        var (command, reply) = sent.Value;
        var opened = command.InputRequest is null ? null : await RunInputRequest.FindAfterWrite(store, command, cancellationToken);
        return TypedResults.Ok(new WaitRunResponse(
            reply.Run.Status == RunStatuses.Waiting, opened?.Request.Id.ToString(), reply.Run));
    }

    private static WaitRun ParseBody(JsonObjectReader body, Caller caller, string runId)
    {
        var wait = ParseWait(body, caller, runId);
        return body.TryGetReader("input_request", out var form) ? AddForm(wait, form) : wait;
    }

    private static WaitRun ParseWait(JsonObjectReader body, Caller caller, string runId) => new()
    {
        Tenant = caller.Tenant,
        Actor = caller.Actor,
        TraceId = caller.TraceId,
        RunId = runId,
        Reason = body.GetRequiredString("reason") ?? "",
        ToolCallId = body.GetSingleLine("tool_call_id", FieldLimits.MaxIdLength), // the same limit as for a resume
        ToolName = body.GetString("tool_name"),
        ExpiresAt = body.GetTimestamp("expires_at"),
        Attempt = caller.GetAttempt(body.GetAttempt()),
        Release = body.GetBoolean("release"),
    };

    // A form has the members of an input request, so two of them may be in the form, in the wait, or in both.
    private static WaitRun AddForm(WaitRun wait, JsonObjectReader form)
    {
        var (toolCallId, expiresAt) = (form.GetSingleLine("tool_call_id", FieldLimits.MaxNameLength), form.GetTimestamp("expires_at"));
        if (wait.ToolCallId is { } call && toolCallId is not null && toolCallId != call)
        {
            form.AddError("tool_call_id", "must be the tool_call_id of the wait.");
        }

        if (wait.ExpiresAt is { } expiry && expiresAt is not null && expiresAt != expiry)
        {
            form.AddError("expires_at", "must be the expires_at of the wait.");
        }

        return wait with
        {
            ToolCallId = wait.ToolCallId ?? toolCallId,
            ExpiresAt = wait.ExpiresAt ?? expiresAt,
            InputRequest = InputFormParser.Parse(form),
        };
    }
}
