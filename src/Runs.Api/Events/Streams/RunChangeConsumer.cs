using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>Consumes run changes from other processes, on a temporary queue of this process.</summary>
internal sealed class RunChangeConsumer(
    RunSubscriptions subscriptions, RunChangePublisher publisher, RunWatcher watcher, ClaimDispatcher claims) :
    IConsumer<WorkIsReady>, IConsumer<RunLogsAppended>, IConsumer<RunStarted>, IConsumer<RunAttemptStarted>, IConsumer<RunAttemptEnded>,
    IConsumer<RunWaiting>, IConsumer<RunResumed>, IConsumer<RunFinished>
{
    public Task Consume(ConsumeContext<WorkIsReady> context)
    {
        foreach (var (tenant, pools) in context.Message.Tenants ?? []) // absent in a message that no process of this service has sent
        {
            claims.NotifyReady(tenant, pools);
        }

        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<RunLogsAppended> context)
    {
        if (context.Message.Origin != publisher.Origin)
        {
            foreach (var id in context.Message.Ids ?? []) // absent in a message that no process of this service has sent
            {
                subscriptions.NotifyChanged(id);
            }
        }

        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<RunStarted> context) => NotifyChanged(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunAttemptStarted> context) => NotifyChanged(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunAttemptEnded> context) => NotifyChanged(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunWaiting> context) => NotifyChanged(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunResumed> context) => NotifyChanged(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunFinished> context) => NotifyChanged(context.Message.Tenant, context.Message.RunId);

    private Task NotifyChanged(string tenant, string runId)
    {
        var id = RunIds.ForRun(tenant, runId);
        subscriptions.NotifyChanged(id);
        watcher.NotifyChanged(id);
        return Task.CompletedTask;
    }
}
