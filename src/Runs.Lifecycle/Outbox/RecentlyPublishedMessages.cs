namespace Runs.Lifecycle;

/// <summary>
/// The ids of the last messages that this process has published and the broker has confirmed. An outbox is cleared
/// after publishing, and a concurrent replace that was decided on an older version of the run can restore a cleared
/// message. This cache prevents publishing such messages twice.
/// </summary>
internal sealed class RecentlyPublishedMessages(int maxCount)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _messageIds = [];
    private readonly Queue<Guid> _order = [];

    public bool Contains(Guid messageId)
    {
        lock (_lock)
        {
            return _messageIds.Contains(messageId);
        }
    }

    public void Add(Guid messageId)
    {
        lock (_lock)
        {
            if (_messageIds.Add(messageId))
            {
                _order.Enqueue(messageId);
            }

            if (_order.Count > maxCount)
            {
                _messageIds.Remove(_order.Dequeue());
            }
        }
    }
}
