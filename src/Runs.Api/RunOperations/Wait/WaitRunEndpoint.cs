using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

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
    /// A worker that names its <c>attempt</c> may release the run while it waits, with <c>release</c>: the attempt
    /// ends, and when the result arrives, the run is ready for the next claim.
    /// </remarks>
    /// <response code="200">The run is waiting.</response>
    public static async Task<Results<Ok<WaitRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        var sent = await client.SendFromBody(
            http.Request, caller, route, (body, runId) => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        if (!sent.IsSuccess)
        {
            return sent.Problem;
        }

        var run = sent.Value.Reply.Run;
        return TypedResults.Ok(new WaitRunResponse(run.Status == RunStatuses.Waiting, run));
    }

    private static WaitRun ParseBody(JsonObjectReader body, Caller caller, string runId) => new()
    {
        Tenant = caller.Tenant,
        Actor = caller.Actor,
        TraceId = caller.TraceId,
        RunId = runId,
        Reason = body.GetRequiredString("reason") ?? "",
        ToolCallId = body.GetSingleLine("tool_call_id", FieldLimits.MaxIdLength), // the same limit as for a resume
        ToolName = body.GetString("tool_name"),
        ExpiresAt = body.GetTimestamp("expires_at"),
        Attempt = caller.GetAttempt((int?)body.GetInteger("attempt", FieldLimits.MinAttempt, int.MaxValue)),
        Release = body.GetBoolean("release"),
    };
}
