using System.Collections.Concurrent;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>Collects the events that the service publishes, by message id.</summary>
internal sealed class PublishedEvents
{
    private readonly ConcurrentDictionary<(string RunId, Guid MessageId), object> _messages = new();

    public static async Task<PublishedEvents> Subscribe(RunsApplication application)
    {
        var events = new PublishedEvents();

        // The service's broker user may declare only names of this form.
        await application.Bus.ConnectReceiveEndpoint($"runs-facts-{NewId.NextGuid():N}", endpoint =>
        {
            endpoint.Handler<RunStarted>(context => events.Record(context, context.Message.RunId));
            endpoint.Handler<RunWaiting>(context => events.Record(context, context.Message.RunId));
            endpoint.Handler<RunResumed>(context => events.Record(context, context.Message.RunId));
            endpoint.Handler<RunFinished>(context => events.Record(context, context.Message.RunId));
        }).Ready;
        return events;
    }

    /// <summary>Verifies that each transition of the run was published, and no other.</summary>
    public void AssertPublishedFor(Run run)
    {
        var published = _messages.Where(message => message.Key.RunId == run.RunId).Select(message => message.Value).ToList();
        var waits = published.OfType<RunWaiting>().Count() - published.OfType<RunResumed>().Count();
        Assert.Equal(run.StartedAt is null ? 0 : 1, published.OfType<RunStarted>().Count());
        Assert.Equal(
            RunStatuses.IsTerminal(run.Status) ? [run.Status] : [],
            published.OfType<RunFinished>().Select(finished => finished.Status));
        var minWaits = run.Status == RunStatuses.Waiting ? 1 : 0;
        var maxWaits = run.Status is RunStatuses.Pending or RunStatuses.Running ? 0 : 1;
        Assert.InRange(waits, minWaits, maxWaits);
    }

    private Task Record<T>(ConsumeContext<T> context, string runId)
        where T : class
    {
        _messages[(runId, context.MessageId!.Value)] = context.Message;
        return Task.CompletedTask;
    }
}
