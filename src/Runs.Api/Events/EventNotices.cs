using System.Collections.Concurrent;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>Tells the api role's other processes that the log of a run has grown. It may be lost: who follows the run looks again by itself.</summary>
internal sealed record LogHasGrown(string Tenant, string RunId, Guid Origin);

/// <summary>
/// Sends <see cref="LogHasGrown"/> behind the backs of those who append: what many appends to one run have to say at the same time is said once.
/// </summary>
internal sealed partial class EventNotices(IBus bus, ILogger<EventNotices> logger) : BackgroundService
{
    private const int MostWaiting = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, LogHasGrown> _waiting = new();
    private readonly Channel<Guid> _order = Channel.CreateBounded<Guid>(new BoundedChannelOptions(MostWaiting));

    /// <summary>This process; its own notices are no news to it.</summary>
    public Guid Origin { get; } = NewId.NextGuid();

    /// <summary>Never waits.</summary>
    public void Publish(Run run)
    {
        if (_waiting.TryAdd(run.Id, new LogHasGrown(run.Tenant, run.RunId, Origin)) && !_order.Writer.TryWrite(run.Id))
        {
            _waiting.TryRemove(run.Id, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var run in _order.Reader.ReadAllAsync(stoppingToken))
        {
            if (_waiting.TryRemove(run, out var notice))
            {
                await Send(notice, stoppingToken);
            }
        }
    }

    private async Task Send(LogHasGrown notice, CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(Patience);
        try
        {
            await bus.Publish(notice, context => context.Durable = false, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (Exception trouble) when (!stopping.IsCancellationRequested)
        {
            LogNotSent(notice.RunId, trouble);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Other processes were not told of the events of run {RunId}")]
    private partial void LogNotSent(string runId, Exception trouble);
}

/// <summary>Hears of changes that other processes made, on a queue of this process alone that goes when it does.</summary>
internal sealed class EventNoticesConsumer(RunFollowers followers, EventNotices notices) :
    IConsumer<LogHasGrown>, IConsumer<RunStarted>, IConsumer<RunWaiting>, IConsumer<RunResumed>, IConsumer<RunFinished>
{
    public Task Consume(ConsumeContext<LogHasGrown> context) =>
        context.Message.Origin == notices.Origin ? Task.CompletedTask : Hear(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunStarted> context) => Hear(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunWaiting> context) => Hear(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunResumed> context) => Hear(context.Message.Tenant, context.Message.RunId);

    public Task Consume(ConsumeContext<RunFinished> context) => Hear(context.Message.Tenant, context.Message.RunId);

    private Task Hear(string tenant, string runId)
    {
        followers.Hear(RunKey.Of(tenant, runId));
        return Task.CompletedTask;
    }
}
