using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Clears published messages from the outboxes, a moment later than they were published, so that one call clears many
/// runs. What a crash leaves uncleared is published again.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="clock">The clock.</param>
/// <param name="minimumAge">The age from which other processes treat a message as orphaned.</param>
/// <param name="logger">The logger.</param>
internal sealed partial class OutboxClearer(IRunStore store, TimeProvider clock, TimeSpan minimumAge, ILogger logger)
{
    private const int BatchSize = 256;

    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _delay = TimeSpan.FromTicks(Math.Min(MaxDelay.Ticks, minimumAge.Ticks / 2));

    // Messages that are dropped here stay in the outbox and are found in the store later.
    private readonly Channel<DispatchedMessages> _published = Channel.CreateBounded<DispatchedMessages>(
        new BoundedChannelOptions(64 * 1024) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Enqueues messages that the broker has confirmed. Never waits.</summary>
    public void Enqueue(DispatchedMessages messages) => _published.Writer.TryWrite(messages);

    /// <summary>Ends <see cref="Run"/> after the messages that were enqueued by now.</summary>
    public void Complete() => _published.Writer.Complete();

    /// <summary>
    /// Clears messages until <see cref="Complete"/>. <paramref name="stopping"/> only ends the delays.
    /// </summary>
    public async Task Run(CancellationToken stopping)
    {
        while (await _published.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await Task.Delay(_delay, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (Take() is { Count: > 0 } batch)
            {
                await TryClear(batch);
            }
        }
    }

    private List<DispatchedMessages> Take()
    {
        var batch = new List<DispatchedMessages>();
        while (batch.Count < BatchSize && _published.Reader.TryRead(out var messages))
        {
            batch.Add(messages);
        }

        return batch;
    }

    private async Task TryClear(IReadOnlyList<DispatchedMessages> batch)
    {
        using var deadline = new CancellationTokenSource(CallTimeout, clock);
        try
        {
            await store.ClearOutbox(batch, deadline.Token);
        }
        catch (Exception exception)
        {
            LogClearFailed(exception); // the sweep finds the messages
        }
    }

    [LoggerMessage(LogLevel.Warning, "Failed to clear published messages from the outboxes; will retry")]
    private partial void LogClearFailed(Exception exception);
}
