using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>
/// <c>POST /runs/{run_id}/resume</c>: brings the result that a waiting run waits for. The same call and result again is a duplicate; another result for an answered
/// call, and a result that nobody waits for, are conflicts.
/// </summary>
internal static class ResumeRunEndpoint
{
    private static readonly string[] Types = ["tool_result"];

    public static async Task<Results<Ok<ResumeRunResource>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunPath path, Caller caller, RunCommands lifecycle, CancellationToken cancellationToken)
    {
        if (!path.TryRunId(out var runId))
        {
            return Problems.RunNotFound();
        }

        var (command, problem) = await JsonBody.ReadCommand(http.Request, body => Read(body, caller, runId), CommandRules.Check, cancellationToken);
        if (command is null)
        {
            return problem!;
        }

        var result = await lifecycle.Send(command, runId, cancellationToken);
        return result.Run is { } run ? TypedResults.Ok(new ResumeRunResource(true, !run.Changed)) : result.Problem!;
    }

    private static (ResumeRun Command, List<InvalidMember> Errors) Read(JsonElement json, Caller caller, string runId)
    {
        var errors = new List<InvalidMember>();
        var body = new JsonFields(json, "", errors);
        if (body.RequiredText("type") is not null)
        {
            body.OneOf("type", Types);
        }

        var command = new ResumeRun
        {
            Tenant = caller.Tenant,
            RunId = runId,
            ToolCallId = body.RequiredLine("tool_call_id", Limits.Key),
            Result = body.RequiredAny("result") ?? RawJson.Null,
            IsError = body.Bool("is_error"),
        };
        return (command, errors);
    }
}

/// <summary>The answer to a resume.</summary>
/// <param name="Accepted">Always true: what is not accepted is a problem.</param>
/// <param name="Duplicate">True when the run had this result already.</param>
public sealed record ResumeRunResource(bool Accepted, bool Duplicate);
