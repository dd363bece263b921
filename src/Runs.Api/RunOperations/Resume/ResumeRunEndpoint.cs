using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>POST /runs/{run_id}/resume</c>: resumes a waiting run with the awaited result. A repeat with the same tool call
/// and result is a duplicate. Another result for an answered tool call, and a result that the run does not wait for,
/// are conflicts. It also accepts an approval or an event, for runs that wait for one.
/// </summary>
internal static class ResumeRunEndpoint
{
    /// <summary>Resume a waiting run</summary>
    /// <remarks>
    /// Ends the wait for this tool call, or for an approval or event, and resumes the run. A repeat with the same
    /// result of a tool call, compared as JSON values, is a <c>duplicate</c> and changes nothing, even after the run
    /// has ended. Another result for an answered tool call is rejected, and so is a result that the run does not wait
    /// for. An input request of the tool call is closed, and shows no response.
    /// </remarks>
    /// <response code="200">The run has this result, from this call or an earlier one.</response>
    public static async Task<Results<Ok<ResumeRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        var sent = await client.SendFromBody(
            http.Request, caller, route, (body, runId) => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        return sent.IsSuccess
            ? TypedResults.Ok(new ResumeRunResponse(Accepted: true, Duplicate: !sent.Value.Reply.Changed))
            : sent.Problem;
    }

    private static ResumeRun ParseBody(JsonObjectReader body, Caller caller, string runId)
    {
        var type = body.GetRequiredString("type") is null ? null : body.GetOneOf("type", ResumeTypes.All);
        var isToolResult = type == ResumeTypes.ToolResult;
        return new ResumeRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = runId,
            Reason = isToolResult ? null : type,
            ToolCallId = isToolResult
                ? body.GetRequiredSingleLine("tool_call_id", FieldLimits.MaxIdLength)
                : body.GetSingleLine("tool_call_id", FieldLimits.MaxIdLength),
            Result = (isToolResult ? body.GetRequiredRawValue("result") : body.GetRawValue("result")) ?? RawJson.Null,
            IsError = body.GetBoolean("is_error"),
        };
    }
}
