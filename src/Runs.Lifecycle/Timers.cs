using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Tells the machine of runs whose due time has come. Several hosts may look at once: the machine looks at the run again, and the versioned write
/// lets one of them through.
/// </summary>
internal sealed partial class Timers(
    IRunStore store, IBus bus, TimeProvider clock, IOptions<LifecycleOptions> options, ILogger<Timers> logger) : BackgroundService
{
    private const int BatchSize = 500;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.TimerInterval, clock);
        do
        {
            try
            {
                foreach (var run in await store.Due(clock.GetUtcNow(), BatchSize, stoppingToken))
                {
                    using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    deadline.CancelAfter(TimeSpan.FromSeconds(10));
                    await bus.Publish(new RunDue(run.Tenant, run.RunId), deadline.Token);
                }
            }
            catch (Exception trouble) when (!stoppingToken.IsCancellationRequested)
            {
                LogTrouble(trouble.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "Due runs could not be told; the timers try again: {Trouble}")]
    private partial void LogTrouble(string trouble);
}
