namespace Runs.Server.Messaging;

/// <summary>
/// Reconnects the bus as soon as the broker answers. MassTransit waits 3 seconds before its second attempt and up to 30 seconds before later ones.
/// Each attempt after the first is therefore delayed until a separate connection can be opened.
/// </summary>
internal sealed class BrokerReconnect(Func<CancellationToken, Task<bool>> brokerAnswers, TimeProvider clock, CancellationToken stopping)
{
    /// <summary>The longest delay. MassTransit then makes its attempt, and logs why it fails.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The time between two checks of the broker.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private int _attempts;

    /// <summary>Waits until the broker answers. Does not wait before the first attempt, so that wrong settings are reported at once. Never throws.</summary>
    public async Task Wait()
    {
        if (Interlocked.Increment(ref _attempts) == 1)
        {
            return;
        }

        var started = clock.GetTimestamp();
        try
        {
            while (!await brokerAnswers(stopping) && clock.GetElapsedTime(started) < Limit)
            {
                await Task.Delay(Interval, clock, stopping);
            }
        }
        catch (Exception)
        {
            // The process stops, or the check failed unexpectedly. MassTransit handles the failure of its own attempt; an exception from here would end its retries.
        }
    }
}
