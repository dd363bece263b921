namespace Runs.Server.Messaging;

/// <summary>
/// Reconnects the bus as soon as the broker answers. MassTransit waits 3 seconds before its second attempt and up to 30
/// seconds before later ones. Therefore each attempt after the first is delayed until a separate connection can be
/// opened.
/// </summary>
internal sealed partial class BrokerReconnectDelay(
    Func<CancellationToken, Task<bool>> canConnect, TimeProvider clock, ILogger logger, CancellationToken stopping)
{
    /// <summary>The maximum delay. After it, MassTransit makes its attempt and logs why the attempt fails.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    /// <summary>The time between two checks of the broker.</summary>
    public static readonly TimeSpan PollingInterval = TimeSpan.FromMilliseconds(500);

    private int _attempts;

    /// <summary>
    /// Waits until the broker answers. Does not wait before the first attempt, so that invalid settings are reported at
    /// once. Never throws.
    /// </summary>
    public async Task WaitForBroker()
    {
        if (Interlocked.Increment(ref _attempts) == 1)
        {
            return;
        }

        var started = clock.GetTimestamp();
        try
        {
            while (!await canConnect(stopping) && clock.GetElapsedTime(started) < MaxDelay)
            {
                await Task.Delay(PollingInterval, clock, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // MassTransit ends its attempts, too.
        }
        catch (Exception exception)
        {
            // An exception from here would end the retries of MassTransit. It logs the failure of its attempt.
            LogCheckFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Failed to check whether the broker answers")]
    private partial void LogCheckFailed(Exception exception);
}
