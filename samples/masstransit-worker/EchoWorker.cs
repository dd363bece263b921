using System.Net;
using MassTransit;
using Runs.Contracts;

namespace Runs.Samples.MassTransitWorker;

/// <summary>
/// Executes the runs of one target. A run whose message is redelivered, as after a crash, continues at the end of its
/// log.
/// </summary>
internal sealed class EchoWorker(RunsApi api, WorkerSettings settings) : IConsumer<RunAccepted>, IConsumer<RunResumed>
{
    public async Task Consume(ConsumeContext<RunAccepted> context)
    {
        var run = context.Message;
        // A run that is accepted as running is executed by its creator. A run with an implementation_kind is executed
        // by workers of that implementation.
        if (run is { Status: RunStatuses.Pending, ImplementationKind: null }
            && run.Tenant == settings.Tenant
            && run.Target == settings.Target)
        {
            await context.Publish(new StartRun { Tenant = run.Tenant, RunId = run.RunId });
            await Execute(context, run.Tenant, run.RunId, toolResult: null);
        }
    }

    public async Task Consume(ConsumeContext<RunResumed> context)
    {
        var resumed = context.Message;
        if (resumed.Tenant == settings.Tenant && resumed.ToolCallId == Echo.GetToolCallId(resumed.RunId))
        {
            await Execute(context, resumed.Tenant, resumed.RunId, resumed);
        }
    }

    private async Task Execute(ConsumeContext context, string tenant, string runId, RunResumed? toolResult)
    {
        try
        {
            var run = await api.GetRun(runId, context.CancellationToken);
            if (run.Target != settings.Target || RunStatuses.IsTerminal(run.Status))
            {
                return;
            }

            var log = await api.GetLogEnd(run, context.CancellationToken);
            var echo = Echo.Create(run, log.MessageId ?? runId, toolResult);
            log = await api.Append(run, log, echo.Events, context.CancellationToken);
            if (echo.Output is { } output)
            {
                await context.Publish(
                    new CompleteRun { Tenant = tenant, RunId = runId, Status = RunStatuses.Completed, Output = output });
            }
            else if (log.Sequence == echo.Events.Count) // otherwise the run was resumed, and that delivery continues it
            {
                await context.Publish(new WaitRun
                {
                    Tenant = tenant,
                    RunId = runId,
                    Reason = WaitingReasons.Tool,
                    ToolCallId = Echo.GetToolCallId(runId),
                    ToolName = Echo.Tool,
                });
            }
        }
        catch (RunsApiException exception) when (
            exception.Status == HttpStatusCode.NotFound || exception.Code is RunsApiException.RunNotActive or RunsApiException.RunWaiting)
        {
            // The run has ended, or it waits and its result continues it.
        }
        catch (RunsApiException exception) when (
            exception.Status == HttpStatusCode.BadRequest && exception.Code != RunsApiException.EventCursorMismatch)
        {
            await context.Publish(new CompleteRun
            {
                Tenant = tenant,
                RunId = runId,
                Status = RunStatuses.Failed,
                TerminalErrorCode = "APPEND_REJECTED",
                TerminalErrorMessage = exception.Message,
            });
        }
    }
}
