using System.Collections.Concurrent;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>Hears what the service tells of its runs, each fact by its message id.</summary>
internal sealed class PublishedEvents
{
    private readonly ConcurrentDictionary<(string RunId, Guid MessageId), object> _messages = new();

    public static async Task<PublishedEvents> Subscribe(RunsApplication application)
    {
        var facts = new PublishedEvents();
        // The service's broker user may declare names of this form only.
        await application.Bus.ConnectReceiveEndpoint($"runs-facts-{NewId.NextGuid():N}", endpoint =>
        {
            endpoint.Handler<RunStarted>(context => facts.Record(context, context.Message.RunId));
            endpoint.Handler<RunWaiting>(context => facts.Record(context, context.Message.RunId));
            endpoint.Handler<RunResumed>(context => facts.Record(context, context.Message.RunId));
            endpoint.Handler<RunFinished>(context => facts.Record(context, context.Message.RunId));
        }).Ready;
        return facts;
    }

    /// <summary>Whatever happened to the run was told, and nothing else was.</summary>
    public void AssertPublishedFor(Run run)
    {
        var told = _messages.Where(fact => fact.Key.RunId == run.RunId).Select(fact => fact.Value).ToList();
        var waits = told.OfType<RunWaiting>().Count() - told.OfType<RunResumed>().Count();
        Assert.Equal(run.StartedAt is null ? 0 : 1, told.OfType<RunStarted>().Count());
        Assert.Equal(RunStatuses.IsTerminal(run.Status) ? [run.Status] : [], told.OfType<RunFinished>().Select(fact => fact.Status));
        Assert.InRange(waits, run.Status == RunStatuses.Waiting ? 1 : 0, run.Status is RunStatuses.Pending or RunStatuses.Running ? 0 : 1);
    }

    private Task Record<T>(ConsumeContext<T> context, string runId)
        where T : class
    {
        _messages[(runId, context.MessageId!.Value)] = context.Message;
        return Task.CompletedTask;
    }
}
