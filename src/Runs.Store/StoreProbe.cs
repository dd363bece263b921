using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Runs.Store;

/// <summary>
/// Keeps <see cref="StoreAvailability"/> true: pings the store when a call of it has failed, each second while it does not answer, and every few seconds otherwise.
/// </summary>
internal sealed partial class StoreProbe(IRunStore store, StoreAvailability availability, TimeProvider clock, ILogger<StoreProbe> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IntervalWhileAway = TimeSpan.FromSeconds(1);

    // Calls that fail one after another, while the store answers, do not make a ping of each.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the store may take to answer. A change of MongoDB's primary usually takes less.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var report = availability.NextReport(); // before the ping: a call that fails during it is looked at, too
            if (await Probe(stoppingToken) is { } failure)
            {
                LogChange(availability.SetUnavailable(failure), failure);
                await Task.Delay(IntervalWhileAway, clock, stoppingToken);
            }
            else
            {
                LogChange(availability.SetAvailable(), null);
                await Task.Delay(ShortestInterval, clock, stoppingToken);
                await Task.WhenAny(report, Task.Delay(Interval, clock, stoppingToken));
            }
        }
    }

    /// <returns>Why the store did not answer; null when it did.</returns>
    private async Task<Exception?> Probe(CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, deadline.Token);
        try
        {
            await store.Ping(either.Token).WaitAsync(either.Token); // some waits of a driver know no token
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
            LogAway(failure);
        }
        else if (changed)
        {
            LogBack();
        }
    }

    [LoggerMessage(LogLevel.Error, "The store does not answer; commands wait for it")]
    private partial void LogAway(Exception failure);

    [LoggerMessage(LogLevel.Information, "The store answers again")]
    private partial void LogBack();
}
