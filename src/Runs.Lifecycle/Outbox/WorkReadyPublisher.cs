using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Publishes <see cref="WorkIsReady"/> in the background: the first run at once, those of the next 10 ms in one
/// message.
/// </summary>
internal sealed partial class WorkReadyPublisher(IBus bus, TimeProvider clock, ILogger<WorkReadyPublisher> logger) : BackgroundService
{
    private const int MaxPending = 10_000;

    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(1);
    private HashSet<(string Tenant, string Pool)> _pending = [];

    /// <summary>
    /// Enqueues the pools of a run that was just saved, if it is ready. Never waits, and drops them when too many are
    /// pending.
    /// </summary>
    public void Enqueue(Run run)
    {
        if (!run.IsReady())
        {
            return;
        }

        lock (_lock)
        {
            if (_pending.Count >= MaxPending)
            {
                return;
            }

            Add(run.Tenant, run.ClaimPool);
            Add(run.Tenant, run.ClaimKindPool);
        }

        _added.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _added.Reader.ReadAsync(stoppingToken);
            if (TakePending() is { Count: > 0 } pools)
            {
                var tenants = pools.GroupBy(pool => pool.Tenant, pool => pool.Pool);
                await Publish(new WorkIsReady([.. tenants.Select(tenant => new ReadyPools(tenant.Key, [.. tenant]))]), stoppingToken);
            }

            await Task.Delay(MinInterval, clock, stoppingToken);
        }
    }

    private void Add(string tenant, string? pool)
    {
        if (pool is not null)
        {
            _pending.Add((tenant, pool));
        }
    }

    private HashSet<(string Tenant, string Pool)> TakePending()
    {
        lock (_lock)
        {
            var pending = _pending;
            _pending = [];
            return pending;
        }
    }

    private async Task Publish(WorkIsReady message, CancellationToken stoppingToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        deadline.CancelAfter(PublishTimeout);
        try
        {
            await bus.Publish(message, context => context.Durable = false, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogPublishFailed(exception, message.Tenants.Count);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Failed to report that runs of {Count} tenants are ready")]
    private partial void LogPublishFailed(Exception exception, int count);
}
