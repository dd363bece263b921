using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.RateLimiting;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>
/// <c>POST /runs/{run_id}/complete</c>: ends a run. The first outcome stands; asking again for the same one is answered alike. Beyond the contract it
/// takes what executors of tasks, workflows and evals know: output, logs, artifacts, exit code and duration.
/// </summary>
internal static class CompleteRunEndpoint
{
    public static async Task<Results<Ok<CompleteRunResource>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunPath path, Caller caller, RunCommands lifecycle, CancellationToken cancellationToken)
    {
        var (command, result) = await lifecycle.SendBody(http.Request, caller, path, (body, runId) => Read(body, caller, runId), CommandRules.Check, cancellationToken);
        return result.Run is { } run
            ? TypedResults.Ok(new CompleteRunResource(run.Run.Status == command!.Status, run.Run))
            : result.Problem!;
    }

    private static (CompleteRun Command, List<InvalidMember> Errors) Read(JsonElement json, Caller caller, string runId)
    {
        var errors = new List<InvalidMember>();
        var body = new JsonFields(json, "", errors);
        var command = new CompleteRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = runId,
            Status = body.RequiredText("status") ?? "",
            Metadata = body.Object("metadata"),
            TerminalErrorCode = body.Text("terminal_error_code"),
            TerminalErrorMessage = body.Text("terminal_error_message"),
            Output = body.Any("output"),
            Logs = body.Text("logs"),
            Artifacts = body.Array("artifacts"),
            ExitCode = (int?)body.Integer("exit_code", int.MinValue, int.MaxValue),
            DurationMs = body.Integer("duration_ms", 0, long.MaxValue),
        };
        return (command, errors);
    }
}

/// <summary>The answer to a complete.</summary>
/// <param name="Completed">Whether the run has ended as this call asked; false when it had ended otherwise before.</param>
/// <param name="Run">The run as it is now.</param>
public sealed record CompleteRunResource(bool Completed, RunResource Run) : IRunAnswer;
