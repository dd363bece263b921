using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Tells an append that is new from one that is repeated because its answer was lost, by what the log holds behind the place that the caller expected to be its end.
/// </summary>
internal static class EventReplay
{
    // How far behind the end a repeat is looked for when only the sequence is known: the events of several appends.
    private const int Reach = 1000;
    private const int PageSize = 50;

    // No body holds more.
    private const long MostCharacters = 12 * 1024 * 1024;

    /// <summary>
    /// How many of the events, from the first, are in the log already: none for a new append, all for a repeated one, and some where the caller has added to what
    /// it repeats. Null when the log went on with something else: the caller's cursor is wrong.
    /// </summary>
    public static async Task<int?> CountStored(IRunStore store, Run run, AppendBody body, CancellationToken cancellationToken)
    {
        if (body.AfterEvent > run.LatestEventId || body.AfterSequence > run.LatestExternalEventSequence)
        {
            return null;
        }

        if (body.Events.Count == 0 || IsEnd(run, body))
        {
            return 0;
        }

        var behind = body.AfterEvent is { } id
            ? await Read(store, run, id, body.Events.Count + 1, cancellationToken)
            : await ReadAfterSequence(store, run, body.AfterSequence!.Value, cancellationToken);
        if (behind is null)
        {
            return null;
        }

        var first = behind.Find(logged => logged.ExternalSequence is not null)?.ExternalSequence ?? run.LatestExternalEventSequence + 1;
        if (body.AfterSequence is { } sequence && first != sequence + 1)
        {
            return null;
        }

        var external = behind.Where(logged => !logged.IsOwn()).ToList();
        if (body.AfterEvent is null)
        {
            // Hidden events are not counted: those before the first public one may have come with what the sequence counts, or with this.
            var lead = body.Events.TakeWhile(sent => !RunEventTypes.IsPublic(sent.Type)).Count();
            var counted = external.FindIndex(logged => logged.ExternalSequence is not null);
            external = counted < 0 ? external : external[Math.Max(0, counted - lead)..];
        }

        var both = external.Zip(body.Events).ToList();
        return both.Count > 0 && both.TrueForAll(pair => AreEqual(pair.First, pair.Second)) ? both.Count : null;
    }

    // The service's own first event does not count against a caller who saw the run before it began.
    private static bool IsEnd(Run run, AppendBody body) =>
        (body.AfterSequence is null || body.AfterSequence == run.LatestExternalEventSequence)
        && (body.AfterEvent is null || body.AfterEvent == run.LatestEventId
            || (body.AfterEvent == 0 && run is { LatestEventId: 1, LatestExternalEventSequence: 0 }));

    private static async Task<List<RunEvent>?> ReadAfterSequence(IRunStore store, Run run, long sequence, CancellationToken cancellationToken)
    {
        // An event's id is never smaller than its sequence. What is too far back is not found, and the cursor taken for wrong.
        var events = await Read(store, run, Math.Max(sequence - 1, run.LatestEventId - Reach), Reach, cancellationToken);
        return events?[(events.FindIndex(logged => logged.ExternalSequence == sequence) + 1)..];
    }

    private static async Task<List<RunEvent>?> Read(IRunStore store, Run run, long after, int count, CancellationToken cancellationToken)
    {
        var events = new List<RunEvent>();
        var characters = 0L;
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await store.Events(run, after, Math.Min(count - events.Count, PageSize), EventScope.All, cancellationToken);
            characters += page.Sum(logged => (long)logged.Event.Text.Length);
            if (characters > MostCharacters)
            {
                return null; // more than any repeat
            }

            events.AddRange(page);
            after = page.Count > 0 ? page[^1].EventId : after;
        }
        while (page.Count > 0 && events.Count < count && after < run.LatestEventId);

        return events;
    }

    private static bool AreEqual(RunEvent stored, SentEvent sent) =>
        stored.EventType == sent.Type
        && (stored.Event.Text == sent.Event.Text || CanonicalJson.Differences(stored.Event.Parse(), sent.Event.Parse()).Count == 0);
}
