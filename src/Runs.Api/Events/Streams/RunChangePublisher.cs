using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Hosting;

namespace Runs.Api.Events;

/// <summary>
/// Publishes <see cref="RunLogsAppended"/> in the background: the first notification at once, those of the next 10 ms
/// in one message.
/// </summary>
internal sealed partial class RunChangePublisher(IBus bus, TimeProvider clock, ILogger<RunChangePublisher> logger) : BackgroundService
{
    private const int MaxPending = 10_000;
    private const int MaxRunsPerMessage = 1_000;

    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(1);
    private HashSet<Guid> _pending = [];

    /// <summary>Identifies this process, so that it ignores its own notifications.</summary>
    public Guid Origin { get; } = NewId.NextGuid();

    /// <summary>Enqueues a notification. Never waits, and drops it when too many are pending.</summary>
    public void Enqueue(Guid id)
    {
        lock (_lock)
        {
            if (_pending.Count < MaxPending && _pending.Add(id) && _pending.Count == 1)
            {
                _added.Writer.TryWrite(true);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _added.Reader.ReadAsync(stoppingToken);
            foreach (var ids in TakePending().Chunk(MaxRunsPerMessage))
            {
                await PublishMessage(new RunLogsAppended(ids, Origin), stoppingToken);
            }

            await Task.Delay(MinInterval, clock, stoppingToken);
        }
    }

    private HashSet<Guid> TakePending()
    {
        lock (_lock)
        {
            var pending = _pending;
            _pending = [];
            return pending;
        }
    }

    private async Task PublishMessage(RunLogsAppended message, CancellationToken stoppingToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        deadline.CancelAfter(PublishTimeout);
        try
        {
            await bus.Publish(message, context => context.Durable = false, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogPublishFailed(exception, message.Ids.Count);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Failed to notify other processes of the events appended to {Count} runs")]
    private partial void LogPublishFailed(Exception exception, int count);
}
