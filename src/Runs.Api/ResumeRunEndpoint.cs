using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>
/// <c>POST /runs/{run_id}/resume</c>: brings the result that a waiting run waits for. The same call and result again is a duplicate; another result for an answered
/// call, and a result that nobody waits for, are conflicts. Beyond the contract it takes an approval or an event, for runs that wait for one.
/// </summary>
internal static class ResumeRunEndpoint
{
    private const string ToolResult = "tool_result";

    private static readonly string[] Types = [ToolResult, WaitingReasons.Approval, WaitingReasons.Event];

    public static async Task<Results<Ok<ResumeRunResource>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunPath path, Caller caller, RunCommands lifecycle, CancellationToken cancellationToken)
    {
        var (_, result) = await lifecycle.SendBody(http.Request, caller, path, (body, runId) => Read(body, caller, runId), CommandRules.Check, cancellationToken);
        return result.Run is { } run ? TypedResults.Ok(new ResumeRunResource(true, !run.Changed)) : result.Problem!;
    }

    private static (ResumeRun Command, List<InvalidMember> Errors) Read(JsonElement json, Caller caller, string runId)
    {
        var errors = new List<InvalidMember>();
        var body = new JsonFields(json, "", errors);
        var type = body.RequiredText("type") is null ? null : body.OneOf("type", Types);
        var command = new ResumeRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = runId,
            Reason = type == ToolResult ? null : type,
            ToolCallId = type == ToolResult ? body.RequiredLine("tool_call_id", Limits.Key) : body.Line("tool_call_id", Limits.Key),
            Result = (type == ToolResult ? body.RequiredAny("result") : body.Any("result")) ?? RawJson.Null,
            IsError = body.Bool("is_error"),
        };
        return (command, errors);
    }
}

/// <summary>The answer to a resume.</summary>
/// <param name="Accepted">Always true: what is not accepted is a problem.</param>
/// <param name="Duplicate">True when the run had this result already.</param>
public sealed record ResumeRunResource(bool Accepted, bool Duplicate);
