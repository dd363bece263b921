using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>POST /runs/{run_id}/wait</c>: pauses a run until a result, an approval, an event or an input arrives. For
/// executors that do not use the broker; others send <see cref="WaitRun"/>. A repeat of the same wait changes nothing.
/// </summary>
internal static class WaitRunEndpoint
{
    public static async Task<Results<Ok<WaitRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        var (_, result) = await client.SendFromBody(http.Request, caller, route, (body, runId) => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        return result.Snapshot is { } run ? TypedResults.Ok(new WaitRunResponse(run.Run.Status == RunStatuses.Waiting, run.Run)) : result.Problem!;
    }

    private static (WaitRun Command, List<ValidationError> Errors) ParseBody(JsonElement json, Caller caller, string runId)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        var command = new WaitRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = runId,
            Reason = body.GetRequiredString("reason") ?? "",
            ToolCallId = body.GetSingleLine("tool_call_id", FieldRules.MaxIdLength), // the same limit as for a resume
            ToolName = body.GetString("tool_name"),
            ExpiresAt = body.GetTimestamp("expires_at"),
        };
        return (command, errors);
    }
}

/// <summary>The response to a wait.</summary>
/// <param name="Waiting">Whether the run is waiting.</param>
/// <param name="Run">The current run.</param>
public sealed record WaitRunResponse(bool Waiting, RunResource Run) : IRunResponse;
