using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>POST /runs/{run_id}/complete</c>: ends a run. The first outcome is final; a repeat with the same outcome gets the
/// same response. It also accepts the results of tasks, workflows and evals: output, logs, artifacts, exit code and
/// duration.
/// </summary>
internal static class CompleteRunEndpoint
{
    /// <summary>Complete a run</summary>
    /// <remarks>
    /// Reports the outcome of a run. The first outcome is final. A repeat with the same outcome gets the same response;
    /// another outcome changes nothing.
    ///
    /// A failure that names its <c>attempt</c> ends only the attempt while the run's <c>backoff_limit</c> allows
    /// another one. The run is then still running, and <c>retrying</c> is true. An attempt that is over is rejected
    /// with <c>ATTEMPT_LOST</c>: its worker must stop.
    /// </remarks>
    /// <response code="200">
    /// The run has ended, with this outcome or with an earlier one, or it will be retried.
    /// </response>
    public static async Task<Results<Ok<CompleteRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, RunCommandClient client, CancellationToken cancellationToken)
    {
        var sent = await client.SendFromBody(
            http.Request, caller, route, (body, runId) => ParseBody(body, caller, runId), CommandValidator.Validate, cancellationToken);
        if (!sent.IsSuccess)
        {
            return sent.Problem;
        }

        var (command, reply) = sent.Value;
        var run = reply.Run;
        var isOfLastAttempt = command.Attempt is null || command.Attempt == run.Attempt;
        return TypedResults.Ok(new CompleteRunResponse(
            run.Status == command.Status && isOfLastAttempt, !RunStatuses.IsTerminal(run.Status), run.NextAttemptAt, run));
    }

    private static CompleteRun ParseBody(JsonObjectReader body, Caller caller, string runId) => new()
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
        DurationMs = body.GetInteger("duration_ms", FieldLimits.MinDurationMs, long.MaxValue),
        Attempt = caller.GetAttempt(body.GetAttempt()),
        Retryable = body.GetOptionalBoolean("retryable"),
        RetryAfterSeconds = (int?)body.GetInteger("retry_after_seconds", 0, FieldLimits.MaxRetryAfterSeconds),
    };
}
