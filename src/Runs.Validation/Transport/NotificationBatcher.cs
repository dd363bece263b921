using System.Threading.Channels;

namespace Runs.Validation;

/// <summary>
/// Batches notifications: the first is sent at once, those of the next 10 ms together. Notifications may be lost, so
/// receivers also poll.
/// </summary>
/// <typeparam name="T">What is reported. Equal items are sent once.</typeparam>
internal sealed class NotificationBatcher<T>(TimeProvider clock)
{
    private const int MaxPending = 10_000;

    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(1);
    private HashSet<T> _pending = [];

    /// <summary>Adds an item. Never waits, and drops the item while 10,000 are pending.</summary>
    public void Add(T item)
    {
        lock (_lock)
        {
            if (_pending.Count < MaxPending && _pending.Add(item) && _pending.Count == 1)
            {
                _added.Writer.TryWrite(true);
            }
        }
    }

    /// <summary>Sends what is added, until <paramref name="stoppingToken"/> is cancelled.</summary>
    /// <param name="send">Sends the items. Its token is cancelled after two seconds.</param>
    /// <param name="logFailure">Receives the exception of items that were not sent, and their number.</param>
    /// <param name="stoppingToken">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    public async Task Run(
        Func<IReadOnlyCollection<T>, CancellationToken, Task> send, Action<Exception, int> logFailure, CancellationToken stoppingToken)
    {
        while (true)
        {
            await _added.Reader.ReadAsync(stoppingToken);
            var items = Take();
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            deadline.CancelAfter(SendTimeout);
            try
            {
                await send(items, deadline.Token).WaitAsync(deadline.Token);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logFailure(exception, items.Count);
            }

            await Task.Delay(MinInterval, clock, stoppingToken);
        }
    }

    private HashSet<T> Take()
    {
        lock (_lock)
        {
            var pending = _pending;
            _pending = [];
            return pending;
        }
    }
}
