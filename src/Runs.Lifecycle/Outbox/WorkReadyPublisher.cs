using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Publishes <see cref="WorkIsReady"/> in the background.</summary>
internal sealed partial class WorkReadyPublisher(IBus bus, ILogger<WorkReadyPublisher> logger) : BackgroundService
{
    // Real time: on a server whose clock a test sets, claims must not wait for the clock to advance.
    private readonly NotificationBatcher<(string Tenant, string Pool)> _pending = new(TimeProvider.System);

    /// <summary>
    /// Enqueues the pools of a run that was just saved, if it is ready. Never waits, and drops them when too many are
    /// pending.
    /// </summary>
    public void Enqueue(Run run)
    {
        if (run.IsReady())
        {
            Add(run.Tenant, run.ClaimPool);
            Add(run.Tenant, run.ClaimKindPool);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _pending.Run(Publish, LogPublishFailed, stoppingToken);

    private void Add(string tenant, string? pool)
    {
        if (pool is not null)
        {
            _pending.Add((tenant, pool));
        }
    }

    private Task Publish(IReadOnlyCollection<(string Tenant, string Pool)> pools, CancellationToken cancellationToken)
    {
        var tenants = pools.GroupBy(pool => pool.Tenant, pool => pool.Pool);
        var message = new WorkIsReady([.. tenants.Select(tenant => new ReadyPools(tenant.Key, [.. tenant]))]);
        return bus.Publish(message, context => context.Durable = false, cancellationToken);
    }

    [LoggerMessage(LogLevel.Debug, "Failed to report that {Count} pools have ready runs")]
    private partial void LogPublishFailed(Exception exception, int count);
}
