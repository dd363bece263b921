using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>POST /runs/{run_id}/complete</c>: ends a run. The first outcome is final; a repeat with the same outcome gets the
/// same response. As an extension of the contract it accepts the results of tasks, workflows and evals: output, logs,
/// artifacts, exit code and duration.
/// </summary>
internal static class CompleteRunEndpoint
{
    public static async Task<Results<Ok<CompleteRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        var (command, result) = await client.SendFromBody(http.Request, caller, route, (body, runId) => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        return result.Snapshot is { } run
            ? TypedResults.Ok(new CompleteRunResponse(run.Run.Status == command!.Status, run.Run))
            : result.Problem!;
    }

    private static (CompleteRun Command, List<ValidationError> Errors) ParseBody(JsonElement json, Caller caller, string runId)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        var command = new CompleteRun
        {
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            RunId = runId,
            Status = body.GetRequiredString("status") ?? "",
            Metadata = body.GetRawObject("metadata"),
            TerminalErrorCode = body.GetString("terminal_error_code"),
            TerminalErrorMessage = body.GetString("terminal_error_message"),
            Output = body.GetRawValue("output"),
            Logs = body.GetString("logs"),
            Artifacts = body.GetRawArray("artifacts"),
            ExitCode = (int?)body.GetInteger("exit_code", int.MinValue, int.MaxValue),
            DurationMs = body.GetInteger("duration_ms", 0, long.MaxValue),
        };
        return (command, errors);
    }
}

/// <summary>The response to a complete.</summary>
/// <param name="Completed">
/// Whether the run ended with the requested status. False when it had already ended with another one.
/// </param>
/// <param name="Run">The current run.</param>
public sealed record CompleteRunResponse(bool Completed, RunResource Run) : IRunResponse;
