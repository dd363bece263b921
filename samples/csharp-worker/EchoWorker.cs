using System.Net;
using MassTransit;
using Runs.Contracts;

namespace Runs.Samples.Worker;

/// <summary>Executes the runs of one target. Whoever is told of a run again, after a crash or by a second delivery, goes on where its log ends.</summary>
internal sealed class EchoWorker(RunsApi api, WorkerSettings settings) : IConsumer<RunAccepted>, IConsumer<RunResumed>
{
    public async Task Consume(ConsumeContext<RunAccepted> context)
    {
        var run = context.Message;
        // A run that is accepted as running is executed by its creator, and one that names an implementation by such a worker.
        if (run is { Status: RunStatuses.Pending, ImplementationKind: null } && run.Tenant == settings.Tenant && run.Target == settings.Target)
        {
            await context.Publish(new StartRun { Tenant = run.Tenant, RunId = run.RunId });
            await Execute(context, run.Tenant, run.RunId, answer: null);
        }
    }

    public async Task Consume(ConsumeContext<RunResumed> context)
    {
        var answer = context.Message;
        if (answer.Tenant == settings.Tenant && answer.ToolCallId == Echo.CallOf(answer.RunId))
        {
            await Execute(context, answer.Tenant, answer.RunId, answer);
        }
    }

    private async Task Execute(ConsumeContext context, string tenant, string runId, RunResumed? answer)
    {
        try
        {
            var run = await api.Run(runId, context.CancellationToken);
            if (run.Target != settings.Target || RunStatuses.IsTerminal(run.Status))
            {
                return;
            }

            var log = await api.Log(run, context.CancellationToken);
            var echo = Echo.Of(run, log.MessageId ?? runId, answer);
            log = await api.Append(run, log, echo.Events, context.CancellationToken);
            if (echo.Output is { } output)
            {
                await context.Publish(new CompleteRun { Tenant = tenant, RunId = runId, Status = RunStatuses.Completed, Output = output });
            }
            else if (log.Sequence == echo.Events.Count) // else the answer has come, and its own delivery went on
            {
                await context.Publish(
                    new WaitRun { Tenant = tenant, RunId = runId, Reason = WaitingReasons.Tool, ToolCallId = Echo.CallOf(runId), ToolName = Echo.Tool });
            }
        }
        catch (HttpRequestException refusal) when (refusal.StatusCode == HttpStatusCode.NotFound || refusal.Message is RunsApi.HasEnded or RunsApi.IsWaiting)
        {
            // ended meanwhile, or its result goes on with it
        }
        catch (HttpRequestException refusal) when (refusal.StatusCode == HttpStatusCode.BadRequest && refusal.Message != RunsApi.HasMovedOn)
        {
            await context.Publish(
                new CompleteRun { Tenant = tenant, RunId = runId, Status = RunStatuses.Failed, TerminalErrorCode = "REFUSED", TerminalErrorMessage = refusal.Message });
        }
    }
}
