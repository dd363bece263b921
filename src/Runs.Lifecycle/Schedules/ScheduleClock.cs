using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Polls the store for due schedules and carries them out. Every process of the lifecycle role polls: see
/// <see cref="ScheduleProcessor"/>.
/// </summary>
internal sealed partial class ScheduleClock(
    IScheduleStore store,
    ScheduleProcessor processor,
    TimeProvider clock,
    IOptions<LifecycleOptions> options,
    ILogger<ScheduleClock> logger) : BackgroundService
{
    private const int PageSize = 500;
    private const int MaxConcurrentSchedules = 64;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.DueRunPollingInterval, clock);
        do
        {
            try
            {
                await ProcessDueSchedules(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogPollFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ProcessDueSchedules(CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        await foreach (var page in StorePages.Read<Schedule>(PageSize, after => store.ListDue(now, after, PageSize, stopping)))
        {
            await Parallel.ForEachAsync(
                page,
                new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentSchedules, CancellationToken = stopping },
                (schedule, cancellationToken) => Process(schedule, cancellationToken));
        }
    }

    // A schedule that fails does not hold up the others. It stays due, and the next poll tries it again.
    private async ValueTask Process(Schedule schedule, CancellationToken stopping)
    {
        try
        {
            await processor.Process(schedule, stopping);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogScheduleFailed(exception, schedule.Id, schedule.Tenant);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Failed to read due schedules; will retry")]
    private partial void LogPollFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Failed to carry out schedule {ScheduleId} of tenant {Tenant}; will retry")]
    private partial void LogScheduleFailed(Exception exception, Guid scheduleId, string tenant);
}
