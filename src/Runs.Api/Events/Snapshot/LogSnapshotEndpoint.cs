using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// <c>GET /conversations/{conversation_id}/runs/{run_id}/snapshot</c>: returns the public events of a log, with the
/// deltas of each text, reasoning and argument merged, and the cursor from which a stream continues. A very large
/// snapshot is truncated; the stream from that cursor has the rest.
/// </summary>
internal static class LogSnapshotEndpoint
{
    private const int PageSize = 500;

    // Limits of the response, and of what is read for it. The stored log is larger, because every delta is stored with
    // its own type and id, and the response has one for each text.
    private const int MaxEvents = 20_000;
    private const long MaxCharacters = 8 * 1024 * 1024;
    private const long MaxStoredCharacters = 64 * 1024 * 1024;

    /// <summary>Read a snapshot of the log of a conversation's run</summary>
    /// <remarks>
    /// The public events of the log, oldest first, with the deltas of each text, reasoning and tool call's arguments
    /// merged: one event, at the position and with the id of the first delta, has the <c>delta</c> of all. To continue,
    /// use <c>after_event_id</c> as <c>Last-Event-ID</c> of the stream or as <c>after_event_id</c> of the list.
    ///
    /// A snapshot of more than about 8 million characters or 20,000 events is truncated; the events after
    /// <c>after_event_id</c> are the rest. A snapshot reads the whole log, 500 events at a time, so one process builds
    /// only a few at a time: more get 429 or 503.
    /// </remarks>
    /// <response code="200">The log up to <c>after_event_id</c>.</response>
    public static async Task<Results<Ok<LogSnapshotResource>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] ConversationRunRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        RequestRateLimiter rates,
        CancellationToken cancellationToken)
    {
        using var permit = limits.Snapshots.Acquire(caller.Tenant);
        if (permit.ToProblem("concurrent snapshots") is { } rejection)
        {
            return rejection;
        }

        if (await route.FindWithoutPayload(store, caller, cancellationToken) is not { } run)
        {
            return Problems.RunNotFound();
        }

        if (await ReadLog(run, store, () => rates.TryAcquireAdditional(http, cancellationToken), cancellationToken) is not var (log, after))
        {
            return Problems.TooManyRequests();
        }

        return limits.ChargeResponse(http, caller.Tenant, log.CharacterCount) is { } problem
            ? problem
            : TypedResults.Ok(new LogSnapshotResource(after, log.ToResources(cancellationToken)));
    }

    /// <returns>Null when the tenant's read rate allows no further page.</returns>
    private static async Task<(LogCompactor Log, long After)?> ReadLog(
        Run run, IRunStore store, Func<Task<bool>> acquirePage, CancellationToken cancellationToken)
    {
        var (log, after, storedCharacters) = (new LogCompactor(), 0L, 0L);
        while (after < run.LatestEventId)
        {
            if (after > 0 && !await acquirePage()) // the request itself was charged for the first page
            {
                return null;
            }

            var page = await store.ReadEvents(run, after, PageSize, EventVisibility.Public, cancellationToken);
            if (page.Count == 0)
            {
                // Events after the last public one are hidden: a reader that continues from the end of the log misses
                // nothing.
                return (log, run.LatestEventId);
            }

            foreach (var runEvent in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                log.Add(runEvent);
                after = runEvent.EventId;
                storedCharacters += runEvent.Event.Text.Length;
                if (log.EventCount >= MaxEvents || log.CharacterCount >= MaxCharacters || storedCharacters >= MaxStoredCharacters)
                {
                    return (log, after);
                }
            }
        }

        return (log, after);
    }
}
