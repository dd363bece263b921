using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.RateLimiting;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>
/// <c>POST /runs/{run_id}/wait</c>: says that execution is paused until a result, an approval, an event or an input comes. For executors that do not use the broker;
/// the others send <see cref="WaitRun"/>. A repeat for the same wait changes nothing.
/// </summary>
internal static class WaitRunEndpoint
{
    public static async Task<Results<Ok<WaitRunResource>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunPath path, Caller caller, RunCommands lifecycle, CancellationToken cancellationToken)
    {
        var (_, result) = await lifecycle.SendBody(http.Request, caller, path, (body, runId) => Read(body, caller, runId), CommandRules.Check, cancellationToken);
        return result.Run is { } run ? TypedResults.Ok(new WaitRunResource(run.Run.Status == RunStatuses.Waiting, run.Run)) : result.Problem!;
    }

    private static (WaitRun Command, List<InvalidMember> Errors) Read(JsonElement json, Caller caller, string runId)
    {
        var errors = new List<InvalidMember>();
        var body = new JsonFields(json, "", errors);
        var command = new WaitRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = runId,
            Reason = body.RequiredText("reason") ?? "",
            ToolCallId = body.Line("tool_call_id", Limits.Key), // as long as one that resumes may be
            ToolName = body.Text("tool_name"),
            ExpiresAt = body.Time("expires_at"),
        };
        return (command, errors);
    }
}

/// <summary>The answer to a wait.</summary>
/// <param name="Waiting">Whether the run waits now.</param>
/// <param name="Run">The run as it is now.</param>
public sealed record WaitRunResource(bool Waiting, RunResource Run) : IRunAnswer;
