using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>
/// <c>GET /runs/{run_id}</c> and its conversation view. One read of the store, which has everything that was ever answered: a read after a 202 finds
/// at least that.
/// </summary>
internal static class GetRunEndpoint
{
    public static async Task<Results<Ok<RunResource>, ProblemHttpResult>> Handle(
        [AsParameters] RunPath path, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.Find(store, caller, cancellationToken) is { } run ? TypedResults.Ok(run.ToResource()) : Problems.RunNotFound();

    public static async Task<Results<Ok<ConversationRunResource>, ProblemHttpResult>> InConversation(
        [FromRoute(Name = "conversation_id")] string conversationId, [AsParameters] RunPath path,
        Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.Find(store, caller, cancellationToken) is { } run
        && string.Equals(run.ConversationId, conversationId, StringComparison.OrdinalIgnoreCase)
            ? TypedResults.Ok(ConversationRunResource.From(run))
            : Problems.RunNotFound();
}
