namespace Runs.Server.Messaging;

/// <summary>
/// Connects the bus again as soon as the broker answers. MassTransit waits 3 seconds before its second attempt and up to 30 before later ones, however soon the broker is back.
/// So an attempt that follows a lost or failed connection begins when a connection beside it can be opened.
/// </summary>
internal sealed class BrokerReconnect(Func<CancellationToken, Task<bool>> brokerAnswers, TimeProvider clock, CancellationToken stopping)
{
    /// <summary>The attempt begins after this time in any case. It fails, and MassTransit logs why.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>How long after one look the next one begins.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private int _attempts;

    /// <summary>Returns at once before the first attempt, which shows what is wrong with the settings. Before every other it waits for the broker. Never throws.</summary>
    public async Task Wait()
    {
        if (Interlocked.Increment(ref _attempts) == 1)
        {
            return;
        }

        var begun = clock.GetTimestamp();
        try
        {
            while (!await brokerAnswers(stopping) && clock.GetElapsedTime(begun) < Limit)
            {
                await Task.Delay(Interval, clock, stopping);
            }
        }
        catch (Exception)
        {
            // MassTransit's own attempt fails in the same way, and it knows what to do then. An exception from here would end its attempts.
        }
    }
}
