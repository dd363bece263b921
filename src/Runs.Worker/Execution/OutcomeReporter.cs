using Microsoft.Extensions.Logging;
using Runs.Client;
using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Worker;

/// <summary>
/// Reports how an attempt ended. A transient failure is retried as long as the lease is renewed: no other process can
/// report the outcome.
/// </summary>
internal sealed class OutcomeReporter(WorkerConnection connection, RunsClient client, TimeProvider clock, ILogger logger)
{
    /// <summary>Reports a result.</summary>
    /// <returns>The outcome, for telemetry.</returns>
    public async Task<string> Report(Attempt attempt, RunResult result)
    {
        for (var failure = 0; ; failure++)
        {
            try
            {
                return await Send(attempt, result);
            }
            catch (RunsException exception) when (exception.IsTransient && !attempt.IsLeaseOver)
            {
                logger.ReportFailed(exception, attempt.RunId, attempt.Number);
                await Task.Delay(PollResilience.GetDelay(failure), clock);
            }
            catch (RunsException exception)
            {
                logger.ReportRejected(exception, attempt.RunId, attempt.Number);
                if (!IsInvalid(exception) || result.Kind == RunResultKind.Failed)
                {
                    return AttemptOutcomeNames.Lost;
                }

                // For example an output that is too large. Every other attempt would end in the same way.
                result = RunResult.Failed("OUTCOME_REJECTED", exception.Detail, retryable: false);
            }
        }
    }

    private static bool IsInvalid(RunsException exception) => (int?)exception.Status is 400 or 413;

    private Task<string> Send(Attempt attempt, RunResult result) => result.Kind switch
    {
        RunResultKind.Completed => Complete(attempt, Outcome.Completed() with { Output = result.Output }, AttemptOutcomeNames.Completed),
        RunResultKind.Cancelled => Complete(attempt, Outcome.Cancelled(), AttemptOutcomeNames.Cancelled),
        RunResultKind.Failed => Complete(
            attempt,
            Outcome.Failed(result.Code!, result.Message!) with { Retryable = result.IsRetryable, RetryAfter = result.RetryAfter },
            AttemptOutcomeNames.Failed),
        RunResultKind.Released => Release(attempt, ReleaseReasons.Shutdown),
        RunResultKind.Rejected => Release(attempt, ReleaseReasons.Rejected),
        _ => Suspend(attempt, result),
    };

    private async Task<string> Complete(Attempt attempt, Outcome outcome, string name)
    {
        await client.Complete(attempt.RunId, outcome with { Attempt = attempt.Number }, CancellationToken.None);
        return name;
    }

    private async Task<string> Release(Attempt attempt, string reason)
    {
        await connection.Release(attempt, reason, CancellationToken.None);
        return AttemptOutcomeNames.Released;
    }

    private async Task<string> Suspend(Attempt attempt, RunResult result)
    {
        var wait = new RunWait
        {
            Reason = result.Kind switch
            {
                RunResultKind.WaitTool => WaitingReasons.Tool,
                RunResultKind.AskInput => WaitingReasons.Input,
                RunResultKind.WaitEvent => WaitingReasons.Event,
                _ => WaitingReasons.Approval,
            },
            ToolCallId = result.CallId,
            ToolName = result.ToolName,
            InputRequest = result.Form,
            ExpiresAt = attempt.ServerTime + result.ExpiresIn,
            Attempt = attempt.Number,
            Release = true,
        };
        var waiting = await client.Wait(attempt.RunId, wait, CancellationToken.None);
        // The tool call already has a result: the next attempt gets it.
        return waiting.Waiting || waiting.Run.Attempt != attempt.Number || waiting.Run.LeaseExpiresAt is null
            ? AttemptOutcomeNames.Suspended
            : await Release(attempt, ReleaseReasons.Shutdown);
    }
}
