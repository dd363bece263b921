using MassTransit;
using Microsoft.Extensions.Hosting;

namespace Runs.Api.Events;

/// <summary>Publishes <see cref="RunLogsAppended"/> in the background.</summary>
internal sealed partial class RunChangePublisher(IBus bus, TimeProvider clock, ILogger<RunChangePublisher> logger) : BackgroundService
{
    private const int MaxRunsPerMessage = 1_000;

    private readonly NotificationBatcher<Guid> _pending = new(clock);

    /// <summary>Identifies this process, so that it ignores its own notifications.</summary>
    public Guid Origin { get; } = NewId.NextGuid();

    /// <summary>Enqueues a notification. Never waits, and drops it when too many are pending.</summary>
    public void Enqueue(Guid id) => _pending.Add(id);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _pending.Run(Publish, LogPublishFailed, stoppingToken);

    private async Task Publish(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        foreach (var chunk in ids.Chunk(MaxRunsPerMessage))
        {
            await bus.Publish(new RunLogsAppended(chunk, Origin), context => context.Durable = false, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Failed to notify other processes of the events appended to {Count} runs")]
    private partial void LogPublishFailed(Exception exception, int count);
}
