using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// <c>GET /conversations/{conversation_id}/runs/{run_id}/stream</c> and <c>GET /runs/{run_id}/stream</c>: streams the
/// log of a run as server-sent events, from its beginning or after <c>Last-Event-ID</c>, until the run has ended. A
/// client that already has the whole log gets 204.
/// </summary>
internal static class StreamEventsEndpoint
{
    /// <summary>The header with the reader's cursor.</summary>
    public static HeaderParameter LastEventId { get; } = new(
        "Last-Event-ID",
        "The id of the last event that the caller has; the stream begins after it. An id that is not in this log counts as absent.",
        "3");

    /// <summary>Stream a run's log</summary>
    /// <remarks>
    /// The public events of the log as server-sent events: the existing ones, from the first or after
    /// <c>Last-Event-ID</c>, then each new one as it is appended. <c>id</c> is the event's id, <c>event</c> its type,
    /// <c>data</c> the event on one line. Ids ascend; gaps are hidden events. Lines that begin with a colon are
    /// comments: one at the beginning, and a heartbeat after every 15 seconds without an event, unless another interval
    /// is configured.
    ///
    /// The stream ends after <c>RUN_FINISHED</c> or <c>RUN_ERROR</c>. For a run that has ended, it ends after the
    /// existing events. If the connection is lost before that, because of the network or because the process stops,
    /// reconnect with <c>Last-Event-ID</c>, to any process: no event is missed or sent twice. A browser's
    /// <c>EventSource</c> reconnects automatically, but also after the last event, unless you close it then. It cannot
    /// send a credential, so read the stream with <c>fetch</c> in a page.
    ///
    /// A <c>Last-Event-ID</c> that is greater than the id of the log's latest event comes from another log, or from
    /// before a backup was restored: the stream begins with the first event.
    ///
    /// Events usually arrive immediately, and after a second when a process has missed the notification of another one.
    /// A stream counts against the limit of streams and long polls. At the limit of the process, the response is 503;
    /// at the limit of the caller's tenant, 429. A slow reader delays no other.
    /// </remarks>
    /// <response code="200">The stream.</response>
    /// <response code="204">The run has ended, and the caller has its whole log.</response>
    public static async Task<Results<ServerSentEventsResult, NoContent, ProblemHttpResult>> Handle(
        HttpRequest request,
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        ServerSentEventsWriter writer,
        CancellationToken cancellationToken)
    {
        var found = await limits.ReadQueued(
            caller.Tenant, () => route.FindWithoutPayload(store, caller, cancellationToken), Problems.RunNotFound, cancellationToken);
        return CreateResult(request, found, caller, limits, writer);
    }

    /// <summary>Stream the log of a conversation's run</summary>
    /// <inheritdoc cref="Handle" path="/remarks"/>
    /// <inheritdoc cref="Handle" path="/response"/>
    public static async Task<Results<ServerSentEventsResult, NoContent, ProblemHttpResult>> HandleInConversation(
        HttpRequest request,
        [AsParameters] ConversationRunRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        ServerSentEventsWriter writer,
        CancellationToken cancellationToken)
    {
        var found = await limits.ReadQueued(
            caller.Tenant, () => route.FindWithoutPayload(store, caller, cancellationToken), Problems.RunNotFound, cancellationToken);
        return CreateResult(request, found, caller, limits, writer);
    }

    private static Results<ServerSentEventsResult, NoContent, ProblemHttpResult> CreateResult(
        HttpRequest request, Result<Run> found, Caller caller, RequestLimits limits, ServerSentEventsWriter writer)
    {
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        // A browser treats the end of a stream as a lost connection and reconnects until it gets 204. An id above the
        // log's latest comes from another log, or from before a backup was restored: the stream starts at the
        // beginning.
        var run = found.Value;
        var lastEventId = ReadLastEventId(request);
        var after = lastEventId <= run.LatestEventId ? lastEventId : 0;
        if (RunStatuses.IsTerminal(run.Status) && after == run.LatestEventId)
        {
            return TypedResults.NoContent();
        }

        var permit = limits.Streams.Acquire(caller.Tenant);
        return permit.ToProblem("open streams and long polls") is { } problem
            ? problem
            : new ServerSentEventsResult(writer, run.Id, after, permit);
    }

    // An invalid id is treated as absent.
    private static long ReadLastEventId(HttpRequest request) =>
        long.TryParse(request.Headers[LastEventId.Name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
}
