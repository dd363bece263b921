using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Publishes <see cref="RunDue"/> for runs whose due time has come. Several hosts may look at once: the machine looks at the run again, and the versioned write lets one of them through.
/// A run is published at most once in five seconds, and a tenant with many due runs does not keep those of others waiting.
/// </summary>
internal sealed partial class Timers(
    IRunStore store, IBus bus, TimeProvider clock, IOptions<LifecycleOptions> options, ILogger<Timers> logger) : BackgroundService
{
    private const int PageSize = 500;

    private readonly DueNotices _notices = new(clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.TimerInterval, clock);
        do
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Goes through everything that is due, but for the runs of tenants that have had their share.</summary>
    private async Task Look(CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        _notices.Forget();
        IReadOnlyList<DueRun> page = [];
        do
        {
            page = await store.Due(now, page is [.., var last] ? last : null, _notices.TenantsWithoutShare, PageSize, stopping);
            foreach (var run in page.Where(_notices.TryAdd))
            {
                using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                deadline.CancelAfter(TimeSpan.FromSeconds(10));
                await bus.Publish(new RunDue(run.Tenant, run.RunId), deadline.Token);
            }
        }
        while (page.Count == PageSize && !_notices.IsFull);
    }

    [LoggerMessage(LogLevel.Warning, "Due runs could not be published. The timers try again.")]
    private partial void LogFailed(Exception exception);
}
