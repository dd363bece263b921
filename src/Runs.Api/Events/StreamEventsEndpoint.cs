using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// The log of a run as server-sent events, from its beginning or after <c>Last-Event-ID</c>, then as it grows, until the run has ended:
/// <c>GET /conversations/{conversation_id}/runs/{run_id}/stream</c> and <c>GET /runs/{run_id}/stream</c>.
/// </summary>
internal static class StreamEventsEndpoint
{
    public static async Task<Results<EventStream, ProblemHttpResult>> Handle(
        [AsParameters] RunPath path, Caller caller, IRunStore store, FollowerLimit limit, CancellationToken cancellationToken) =>
        Stream(await path.FindHead(store, caller, cancellationToken), limit);

    public static async Task<Results<EventStream, ProblemHttpResult>> InConversation(
        [AsParameters] ConversationRunPath path, Caller caller, IRunStore store, FollowerLimit limit, CancellationToken cancellationToken) =>
        Stream(await path.FindHead(store, caller, cancellationToken), limit);

    private static Results<EventStream, ProblemHttpResult> Stream(Run? run, FollowerLimit limit)
    {
        if (run is null)
        {
            return Problems.RunNotFound();
        }

        return limit.TryEnter() is { } place ? new EventStream(run.Id, place) : Problems.TooManyFollowers();
    }
}
