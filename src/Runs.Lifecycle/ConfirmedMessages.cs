namespace Runs.Lifecycle;

/// <summary>
/// The ids of the last messages that this process has sent and the broker has confirmed. An outbox may hold them a while longer: it is cleared after they were sent,
/// and a change that was decided on the run as it was before puts them back.
/// </summary>
internal sealed class ConfirmedMessages(int most)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _known = [];
    private readonly Queue<Guid> _order = [];

    public bool Contains(Guid messageId)
    {
        lock (_lock)
        {
            return _known.Contains(messageId);
        }
    }

    public void Add(Guid messageId)
    {
        lock (_lock)
        {
            if (_known.Add(messageId))
            {
                _order.Enqueue(messageId);
            }

            if (_order.Count > most)
            {
                _known.Remove(_order.Dequeue());
            }
        }
    }
}
