namespace Runs.Store;

/// <summary>
/// Consecutive events of one run that are stored together: those of one append, or of several. Chunks have bounded
/// sizes, because readers read whole chunks.
/// </summary>
/// <param name="Events">At least one event; the ids have no gaps.</param>
internal sealed record EventChunk(IReadOnlyList<RunEvent> Events)
{
    /// <summary>The maximum number of events. Readers use it to find the chunk that contains an id.</summary>
    public const int MaxEvents = 256;

    /// <summary>The maximum size of several events. An event above it has a chunk for itself.</summary>
    private const long MaxCharacters = 256 * 1024;

    // A larger hidden event does not share a chunk with public ones, so that readers of these do not read it.
    private const int MaxHiddenCharacters = 4 * 1024;

    /// <summary>The id of the first event.</summary>
    public long FirstEventId => Events[0].EventId;

    /// <summary>The id of the last event.</summary>
    public long LastEventId => Events[^1].EventId;

    /// <summary>Whether a reader of public events needs the chunk.</summary>
    public bool HasPublicEvents => Events.Any(runEvent => runEvent.Public);

    /// <summary>
    /// The smallest <see cref="FirstEventId"/> that a chunk with events after <paramref name="eventId"/> can have.
    /// </summary>
    public static long GetMinFirstEventId(long eventId) => eventId + 2 - MaxEvents;

    /// <summary>Splits events, in the order of their ids, into as few chunks as their size and gaps allow.</summary>
    public static IEnumerable<EventChunk> Split(IEnumerable<RunEvent> events)
    {
        var (chunk, characters) = (new List<RunEvent>(), 0L);
        foreach (var runEvent in events)
        {
            characters += runEvent.Event.Text.Length;
            if (chunk.Count > 0
                && (chunk.Count == MaxEvents
                    || characters > MaxCharacters
                    || runEvent.EventId != chunk[^1].EventId + 1
                    || IsLargeAndHidden(runEvent) != IsLargeAndHidden(chunk[^1])))
            {
                yield return new EventChunk(chunk);
                (chunk, characters) = ([], runEvent.Event.Text.Length);
            }

            chunk.Add(runEvent);
        }

        if (chunk.Count > 0)
        {
            yield return new EventChunk(chunk);
        }
    }

    private static bool IsLargeAndHidden(RunEvent runEvent) =>
        !runEvent.Public && runEvent.Event.Text.Length > MaxHiddenCharacters;
}
