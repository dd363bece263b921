using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Runs.Store;

/// <summary>
/// Updates <see cref="StoreAvailability"/>: pings the store after a failed call, every second while the store is
/// unavailable, and every few seconds otherwise.
/// </summary>
internal sealed partial class StoreMonitor(
    IRunStore store, StoreAvailability availability, TimeProvider clock, ILogger<StoreMonitor> logger) : BackgroundService
{
    /// <summary>The timeout of a ping. A failover of MongoDB's primary usually takes less.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IntervalWhileUnavailable = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MinLogInterval = TimeSpan.FromMinutes(1);

    // Limits the pings when many calls fail while the store itself is available.
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(200);

    private readonly LogLimiter _failedCallLimiter = new(1, MinLogInterval, clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Exception? failedCall = null;
        while (true)
        {
            // Before the ping, so that a call that fails during the ping causes another one.
            var failureReport = availability.WaitForFailureReport();
            if (await Probe(stoppingToken) is { } failure)
            {
                failedCall = null;
                LogChange(availability.SetUnavailable(), failure);
                await Task.Delay(IntervalWhileUnavailable, clock, stoppingToken);
            }
            else
            {
                LogChange(availability.SetAvailable(), null);
                if (failedCall is not null && _failedCallLimiter.TryAcquire())
                {
                    LogStoreCallFailed(failedCall);
                }

                await Task.Delay(MinInterval, clock, stoppingToken);
                await Task.WhenAny(failureReport, Task.Delay(Interval, clock, stoppingToken));
                failedCall = failureReport.IsCompletedSuccessfully ? await failureReport : null;
            }
        }
    }

    /// <returns>The exception of the failed ping; null when the ping succeeded.</returns>
    private async Task<Exception?> Probe(CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping, deadline.Token);
        try
        {
            await store.Ping(linked.Token).WaitAsync(linked.Token); // some waits in the drivers ignore the token
            return null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new TimeoutException($"The store did not answer within {Timeout}.");
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            return failure;
        }
    }

    private void LogChange(bool changed, Exception? failure)
    {
        if (changed && failure is not null)
        {
            LogUnavailable(failure);
        }
        else if (changed)
        {
            LogAvailable();
        }
    }

    [LoggerMessage(
        LogLevel.Warning, "A store call failed, but the store answers pings. Further failures within a minute are not logged")]
    private partial void LogStoreCallFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "The store became unavailable; commands wait until it is available")]
    private partial void LogUnavailable(Exception failure);

    [LoggerMessage(LogLevel.Information, "The store became available again")]
    private partial void LogAvailable();
}
