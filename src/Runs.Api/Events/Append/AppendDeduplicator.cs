using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Detects retried appends by comparing the events after the caller's expected cursor with the events that it sent.
/// </summary>
internal static class AppendDeduplicator
{
    // How many events before the end are searched for a repeat when only the sequence is known: the events of several
    // appends.
    private const int MaxLookback = 1000;
    private const int PageSize = 50;

    // No body is larger.
    private const long MaxReadCharacters = 12 * 1024 * 1024;

    /// <summary>
    /// Counts the leading events that are already in the log: none for a new append, all for a repeated one, and some
    /// when the caller added events to a repeat. Null when the log continues with other events: the caller's cursor is
    /// wrong.
    /// </summary>
    public static async Task<int?> CountStored(IRunStore store, Run run, AppendEventsBody body, CancellationToken cancellationToken)
    {
        if (body.ExpectedPreviousEventId > run.LatestEventId || body.ExpectedPreviousSequence > run.LatestExternalEventSequence)
        {
            return null;
        }

        if (body.Events.Count == 0 || IsAtEnd(run, body))
        {
            return 0;
        }

        var storedEvents = body.ExpectedPreviousEventId is { } id
            ? await ReadEvents(store, run, id, body.Events.Count + 1, cancellationToken)
            : await ReadAfterSequence(store, run, body.ExpectedPreviousSequence ?? 0, cancellationToken);
        if (storedEvents is null)
        {
            return null;
        }

        var firstSequence = storedEvents.Find(runEvent => runEvent.ExternalSequence is not null)?.ExternalSequence
            ?? run.LatestExternalEventSequence + 1;
        if (body.ExpectedPreviousSequence is { } sequence && firstSequence != sequence + 1)
        {
            return null;
        }

        var external = storedEvents.Where(runEvent => !runEvent.IsSystemGenerated()).ToList();
        if (body.ExpectedPreviousEventId is null)
        {
            // The sequence does not count hidden events. Those before the first public event may belong to an earlier
            // append or to this one.
            var hiddenPrefix = body.Events.TakeWhile(candidate => !RunEventTypes.IsPublic(candidate.Type)).Count();
            var firstPublicIndex = external.FindIndex(runEvent => runEvent.ExternalSequence is not null);
            external = firstPublicIndex < 0 ? external : external[Math.Max(0, firstPublicIndex - hiddenPrefix)..];
        }

        var pairs = external.Zip(body.Events).ToList();
        return pairs.Count > 0 && pairs.TrueForAll(pair => AreEqual(pair.First, pair.Second)) ? pairs.Count : null;
    }

    /// <summary>
    /// Returns whether the caller's cursor is the end of the log, so that none of its events is stored. A caller that
    /// read the run before its start does not know the first event, which the service itself wrote.
    /// </summary>
    public static bool IsAtEnd(Run run, AppendEventsBody body) =>
        (body.ExpectedPreviousSequence is null || body.ExpectedPreviousSequence == run.LatestExternalEventSequence)
        && (body.ExpectedPreviousEventId is null || body.ExpectedPreviousEventId == run.LatestEventId
            || (body.ExpectedPreviousEventId == 0 && run is { LatestEventId: 1, LatestExternalEventSequence: 0 }));

    private static async Task<List<RunEvent>?> ReadAfterSequence(
        IRunStore store, Run run, long sequence, CancellationToken cancellationToken)
    {
        // An event's id is never smaller than its sequence. A sequence too far back is not found, and treated as a
        // wrong cursor.
        var afterEventId = Math.Max(sequence - 1, run.LatestEventId - MaxLookback);
        var events = await ReadEvents(store, run, afterEventId, MaxLookback, cancellationToken);
        return events?[(events.FindIndex(runEvent => runEvent.ExternalSequence == sequence) + 1)..];
    }

    private static async Task<List<RunEvent>?> ReadEvents(
        IRunStore store, Run run, long afterEventId, int count, CancellationToken cancellationToken)
    {
        var events = new List<RunEvent>();
        var characters = 0L;
        IReadOnlyList<RunEvent> page;
        do
        {
            var limit = Math.Min(count - events.Count, PageSize);
            page = await store.ReadEvents(run, afterEventId, limit, EventVisibility.All, cancellationToken);
            characters += page.Sum(runEvent => (long)runEvent.Event.Text.Length);
            if (characters > MaxReadCharacters)
            {
                return null; // larger than any repeat
            }

            events.AddRange(page);
            afterEventId = page.Count > 0 ? page[^1].EventId : afterEventId;
        }
        while (page.Count > 0 && events.Count < count && afterEventId < run.LatestEventId);

        return events;
    }

    private static bool AreEqual(RunEvent stored, NewEvent candidate) =>
        stored.EventType == candidate.Type
        && (stored.Event.Text == candidate.Event.Text
            || CanonicalJson.FindDifferences(stored.Event.ToElement(), candidate.Event.ToElement()).Count == 0);
}
