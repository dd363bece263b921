using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Runs.Lifecycle;

/// <summary>
/// Polls the store for due runs and processes them until none is left. Every process of the lifecycle role polls: see
/// <see cref="DueRunProcessor"/>.
/// </summary>
internal sealed partial class DueRunScheduler(
    DueRunProcessor processor, TimeProvider clock, IOptions<LifecycleOptions> options, ILogger<DueRunScheduler> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.DueRunPollingInterval, clock);
        do
        {
            try
            {
                while (await processor.ProcessRound(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogProcessingFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "Failed to process due runs; will retry")]
    private partial void LogProcessingFailed(Exception exception);
}
