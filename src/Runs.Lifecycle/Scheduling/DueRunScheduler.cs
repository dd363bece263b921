using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Publishes <see cref="RunDue"/> for runs whose due time has passed. Several hosts may poll at the same time: the
/// state machine checks the run again, and the versioned write lets only one of them succeed. A run is published at
/// most once in five seconds, and a tenant with many due runs does not delay the runs of other tenants.
/// </summary>
internal sealed partial class DueRunScheduler(
    IRunStore store, IBus bus, TimeProvider clock, IOptions<LifecycleOptions> options, ILogger<DueRunScheduler> logger) : BackgroundService
{
    private const int PageSize = 500;

    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(10);

    private readonly RecentlyPublishedDueRuns _recentlyPublished = new(clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.DueRunPollingInterval, clock);
        do
        {
            try
            {
                await PublishDueRuns(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogPublishFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Publishes all due runs except those of tenants that have reached their limit.</summary>
    private async Task PublishDueRuns(CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        _recentlyPublished.RemoveExpired();
        var pages = StorePages.Read<DueRun>(
            PageSize, after => store.ListDue(now, after, _recentlyPublished.TenantsAtLimit, PageSize, stopping));
        await foreach (var page in pages)
        {
            foreach (var run in page.Where(_recentlyPublished.TryAdd))
            {
                await Publish(run, stopping);
            }

            if (_recentlyPublished.IsFull)
            {
                return;
            }
        }
    }

    private async Task Publish(DueRun run, CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(PublishTimeout);
        await bus.Publish(new RunDue(run.Tenant, run.RunId), deadline.Token);
    }

    [LoggerMessage(LogLevel.Warning, "Failed to publish due runs; will retry")]
    private partial void LogPublishFailed(Exception exception);
}
