using System.Collections.Concurrent;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Publishes <see cref="RunLogAppended"/> in the background, coalescing notifications for the same run.
/// </summary>
internal sealed partial class RunChangePublisher(IBus bus, ILogger<RunChangePublisher> logger) : BackgroundService
{
    private const int MaxPending = 10_000;

    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, RunLogAppended> _pending = new();
    private readonly Channel<Guid> _queue = Channel.CreateBounded<Guid>(new BoundedChannelOptions(MaxPending));

    /// <summary>Identifies this process, so that it ignores its own notifications.</summary>
    public Guid Origin { get; } = NewId.NextGuid();

    /// <summary>Enqueues a notification. Never waits, and drops it when the queue is full.</summary>
    public void Enqueue(Run run)
    {
        if (_pending.TryAdd(run.Id, new RunLogAppended(run.Tenant, run.RunId, Origin)) && !_queue.Writer.TryWrite(run.Id))
        {
            _pending.TryRemove(run.Id, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var run in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            if (_pending.TryRemove(run, out var message))
            {
                await PublishMessage(message, stoppingToken);
            }
        }
    }

    private async Task PublishMessage(RunLogAppended message, CancellationToken stoppingToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        deadline.CancelAfter(PublishTimeout);
        try
        {
            await bus.Publish(message, context => context.Durable = false, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogPublishFailed(exception, message.RunId);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Failed to notify other processes of the events appended to run {RunId}")]
    private partial void LogPublishFailed(Exception exception, string runId);
}
