using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// The log of a run as server-sent events, from its beginning or after <c>Last-Event-ID</c>, then as it grows, until the run has ended; 204 to who has had it all:
/// <c>GET /conversations/{conversation_id}/runs/{run_id}/stream</c> and <c>GET /runs/{run_id}/stream</c>.
/// </summary>
internal static class StreamEventsEndpoint
{
    public static async Task<Results<EventStream, NoContent, ProblemHttpResult>> Handle(
        HttpRequest request, [AsParameters] RunPath path, Caller caller, IRunStore store, RequestLimits limits, CancellationToken cancellationToken) =>
        Stream(request, await limits.ReadForFollower(caller.Tenant, () => path.FindHead(store, caller, cancellationToken), cancellationToken), caller, limits);

    public static async Task<Results<EventStream, NoContent, ProblemHttpResult>> InConversation(
        HttpRequest request, [AsParameters] ConversationRunPath path, Caller caller, IRunStore store, RequestLimits limits, CancellationToken cancellationToken) =>
        Stream(request, await limits.ReadForFollower(caller.Tenant, () => path.FindHead(store, caller, cancellationToken), cancellationToken), caller, limits);

    private static Results<EventStream, NoContent, ProblemHttpResult> Stream(
        HttpRequest request, (Run? Run, ProblemHttpResult? Problem) found, Caller caller, RequestLimits limits)
    {
        if (found.Run is not { } run)
        {
            return found.Problem ?? Problems.RunNotFound();
        }

        // To a browser the end of a stream is a lost connection: it comes back until it is told that there is nothing more.
        // An id that the log does not have comes from another log, or from before a backup was restored: the reader has nothing of this one.
        var after = LastEventId(request) is var last && last <= run.LatestEventId ? last : 0;
        if (RunStatuses.IsTerminal(run.Status) && after == run.LatestEventId)
        {
            return TypedResults.NoContent();
        }

        var permit = limits.Streams.Acquire(caller.Tenant);
        return permit.Problem("streams and long polls", "streams and long polls are open") is { } limited
            ? limited
            : new EventStream(run.Id, after, permit);
    }

    // What is no id of an event is as good as none.
    private static long LastEventId(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
}
