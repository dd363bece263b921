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
    public static async Task<Results<ServerSentEventsResult, NoContent, ProblemHttpResult>> Handle(
        HttpRequest request, [AsParameters] RunRoute route, Caller caller, IRunStore store, RequestLimits limits, CancellationToken cancellationToken) =>
        CreateResult(request, await limits.ReadForSubscriber(caller.Tenant, () => route.FindWithoutPayload(store, caller, cancellationToken), cancellationToken), caller, limits);

    public static async Task<Results<ServerSentEventsResult, NoContent, ProblemHttpResult>> HandleInConversation(
        HttpRequest request, [AsParameters] ConversationRunRoute route, Caller caller, IRunStore store, RequestLimits limits, CancellationToken cancellationToken) =>
        CreateResult(request, await limits.ReadForSubscriber(caller.Tenant, () => route.FindWithoutPayload(store, caller, cancellationToken), cancellationToken), caller, limits);

    private static Results<ServerSentEventsResult, NoContent, ProblemHttpResult> CreateResult(
        HttpRequest request, (Run? Run, ProblemHttpResult? Problem) found, Caller caller, RequestLimits limits)
    {
        if (found.Run is not { } run)
        {
            return found.Problem ?? Problems.RunNotFound();
        }

        // A browser treats the end of a stream as a lost connection and reconnects until it gets 204. An id above the
        // log's latest comes from another log, or from before a backup was restored: the stream starts at the
        // beginning.
        var after = ReadLastEventId(request) is var lastEventId && lastEventId <= run.LatestEventId ? lastEventId : 0;
        if (RunStatuses.IsTerminal(run.Status) && after == run.LatestEventId)
        {
            return TypedResults.NoContent();
        }

        var permit = limits.Streams.Acquire(caller.Tenant);
        return permit.ToProblem("streams and long polls", "streams and long polls are open") is { } problem
            ? problem
            : new ServerSentEventsResult(run.Id, after, permit);
    }

    // An invalid id is treated as absent.
    private static long ReadLastEventId(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
}
