using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Runs.Client;

namespace Runs.Worker;

/// <summary>Executes attempts: finds the handler, runs it in a scope, and reports how it ended.</summary>
internal sealed class AttemptRunner(
    WorkerDefinition definition,
    WorkerConnection connection,
    HeldAttempts attempts,
    RunsClient client,
    RunsWorkerOptions options,
    WorkerMetrics metrics,
    IServiceScopeFactory scopes,
    TimeProvider clock,
    ILogger logger)
{
    private const int MaxErrorLength = 4000;

    private readonly OutcomeReporter _reporter = new(connection, client, clock, logger);

    /// <summary>Executes an attempt to its end. Throws no exception.</summary>
    public async Task Run(Attempt attempt, CancellationToken shuttingDown)
    {
        var run = attempt.Claim;
        using var activity = AttemptActivity.Start(run);
        using var logScope = logger.BeginScope(new Dictionary<string, object?>
        {
            ["run.id"] = run.RunId,
            ["run.attempt"] = run.Attempt,
            ["run.target"] = run.Target,
        });
        var started = clock.GetTimestamp();
        metrics.AttemptStarted();
        var outcome = AttemptOutcomeNames.Lost;
        try
        {
            outcome = await Execute(attempt, shuttingDown);
        }
        catch (Exception exception)
        {
            logger.AttemptFailed(exception, run.RunId, run.Attempt);
        }

        activity?.SetTag("run.stop_reason", attempt.Reason == StopReason.None ? null : attempt.Reason.ToString());
        AttemptActivity.SetOutcome(activity, outcome);
        metrics.AttemptEnded(outcome, run.Target ?? run.Kind, clock.GetElapsedTime(started));
        logger.AttemptEnded(run.RunId, run.Attempt, outcome);
    }

    private async Task<string> Execute(Attempt attempt, CancellationToken shuttingDown)
    {
        if (definition.Handlers.Find(attempt.Claim) is not { } handler)
        {
            logger.TargetIsUnknown(attempt.Claim.Target, attempt.RunId);
            attempt.BeginReport();
            return await _reporter.Report(attempt, RunResult.Reject());
        }

        RunResult result;
        try
        {
            result = await Handle(attempt, handler, shuttingDown);
        }
        catch (OperationCanceledException) when (attempt.Reason == StopReason.Shutdown)
        {
            result = RunResult.Release();
        }
        catch (Exception) when (attempt.IsLost)
        {
            result = default; // not reported
        }
        catch (AttemptLostException exception)
        {
            logger.ReportRejected(exception, attempt.RunId, attempt.Number);
            attempt.Stop(StopReason.LeaseLost);
            result = default;
        }
        catch (Exception exception)
        {
            logger.AttemptFailed(exception, attempt.RunId, attempt.Number);
            result = ToFailure(exception);
        }

        var reason = attempt.BeginReport();
        return reason is StopReason.None or StopReason.Shutdown
            ? await _reporter.Report(attempt, result)
            : AttemptOutcomeNames.FromReason(reason);
    }

    private async Task<RunResult> Handle(Attempt attempt, HandlerRegistration handler, CancellationToken shuttingDown)
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var events = new EventSender(client, attempt, clock);
        var log = new RunLog(events, GetMessageId(attempt.Claim));
        var environment = new AttemptEnvironment(
            attempt, attempts, connection, client, scope.ServiceProvider, log, clock, shuttingDown);
        RunContext context;
        try
        {
            context = handler.CreateContext(environment);
        }
        catch (JsonException exception)
        {
            throw new RunFailedException(
                "INVALID_CONFIG", "The config of the run does not have the form that its handler needs.", exception)
            {
                Retryable = false,
            };
        }

        var result = await definition.Handlers.Build(handler)(context, attempt.StopToken);
        // Events that the server does not store are a failure of the attempt, also when the handler has not noticed it.
        await log.Complete(attempt.IsLost ? new CancellationToken(canceled: true) : CancellationToken.None);
        return result;
    }

    // Each attempt writes a separate message.
    private static string GetMessageId(ClaimedRun run)
    {
        var id = run.MessageId ?? run.RunId;
        return run.Attempt == 1 ? id : string.Create(CultureInfo.InvariantCulture, $"{id}.attempt-{run.Attempt}");
    }

    private RunResult ToFailure(Exception exception)
    {
        var text = options.IncludeStackTraces ? exception.ToString() : exception.Message;
        text = text.Length > MaxErrorLength ? text[..MaxErrorLength] : text;
        return exception is RunFailedException failure
            ? RunResult.Failed(failure.Code, text, failure.Retryable, failure.RetryAfter)
            : RunResult.Failed(exception.GetType().Name, text);
    }
}
