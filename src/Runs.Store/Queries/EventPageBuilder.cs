namespace Runs.Store;

/// <summary>
/// Collects a page of a log from chunks, which may begin before the page, end after it, and overlap. Chunks are added
/// in the order of their first ids.
/// </summary>
/// <param name="after">The page has events with greater ids.</param>
/// <param name="limit">The maximum number of events.</param>
/// <param name="visibility">The events to include.</param>
internal sealed class EventPageBuilder(long after, int limit, EventVisibility visibility)
{
    private readonly PageBuilder<RunEvent> _page = new(limit);
    private long _lastEventId = after;
    private bool _isComplete;

    /// <summary>The events of the page, in the order of their ids.</summary>
    public IReadOnlyList<RunEvent> Events => _page.Items;

    /// <summary>Whether no further event fits.</summary>
    public bool IsFull => _isComplete || _page.IsFull;

    /// <summary>Adds the events up to the id <paramref name="until"/> that the page does not have yet.</summary>
    public void Add(IEnumerable<RunEvent> events, long until)
    {
        foreach (var runEvent in events)
        {
            if (IsFull || runEvent.EventId > until)
            {
                return;
            }

            if (runEvent.EventId > _lastEventId)
            {
                _lastEventId = runEvent.EventId;
                _isComplete = (visibility == EventVisibility.All || runEvent.Public)
                    && !_page.TryAdd(runEvent, runEvent.Event.Text.Length);
            }
        }
    }
}
