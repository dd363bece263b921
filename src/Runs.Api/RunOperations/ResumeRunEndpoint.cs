using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>POST /runs/{run_id}/resume</c>: resumes a waiting run with the awaited result. A repeat with the same tool call
/// and result is a duplicate. Another result for an answered tool call, and a result that the run does not wait for,
/// are conflicts. As an extension of the contract it accepts an approval or an event, for runs that wait for one.
/// </summary>
internal static class ResumeRunEndpoint
{
    private const string ToolResult = "tool_result";

    private static readonly string[] Types = [ToolResult, WaitingReasons.Approval, WaitingReasons.Event];

    public static async Task<Results<Ok<ResumeRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        var (_, result) = await client.SendFromBody(http.Request, caller, route, (body, runId) => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        return result.Snapshot is { } run ? TypedResults.Ok(new ResumeRunResponse(true, !run.Changed)) : result.Problem!;
    }

    private static (ResumeRun Command, List<ValidationError> Errors) ParseBody(JsonElement json, Caller caller, string runId)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        var type = body.GetRequiredString("type") is null ? null : body.GetOneOf("type", Types);
        var command = new ResumeRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = runId,
            Reason = type == ToolResult ? null : type,
            ToolCallId = type == ToolResult ? body.GetRequiredSingleLine("tool_call_id", FieldRules.MaxIdLength) : body.GetSingleLine("tool_call_id", FieldRules.MaxIdLength),
            Result = (type == ToolResult ? body.GetRequiredRawValue("result") : body.GetRawValue("result")) ?? RawJson.Null,
            IsError = body.GetBoolean("is_error"),
        };
        return (command, errors);
    }
}

/// <summary>The response to a resume.</summary>
/// <param name="Accepted">Always true: a rejection is a problem.</param>
/// <param name="Duplicate">True when the run already had this result.</param>
public sealed record ResumeRunResponse(bool Accepted, bool Duplicate);
