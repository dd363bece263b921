using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>POST /runs/{run_id}/children/{child_run_id}/event-writer-token</c>: exchanges the token for a run for one for its
/// child. Costs two reads of the store.
/// </summary>
internal static class CreateEventWriterTokenEndpoint
{
    /// <summary>Create an event writer token for a child</summary>
    /// <remarks>
    /// The credential is the `run_event_token` of the run. Its attempt must be the current one, and the child must not
    /// have ended. The new token names the current attempt of the child, so that its appends are rejected when that
    /// attempt is over. If the child has not been started, the token names none, and its first append starts the child.
    /// </remarks>
    /// <response code="200">The token.</response>
    public static async Task<Results<Ok<CreateEventWriterTokenResponse>, ProblemHttpResult>> Handle(
        [AsParameters] RunRoute route,
        [AsParameters] ChildRunRoute childRoute,
        Caller caller,
        IRunStore store,
        EventWriterTokens tokens,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        var writer = caller.EventWriter!;
        var parent = await Find(route);
        if (!parent.IsSuccess)
        {
            return parent.Problem;
        }

        var child = await Find(childRoute.Route);
        if (!child.IsSuccess)
        {
            return child.Problem;
        }

        if (child.Value.ParentRunId != writer.RunId)
        {
            return Problems.RunNotFound(); // a writer learns about its own children only
        }

        if (writer.Attempt is { } attempt && !parent.Value.IsCurrentAttempt(attempt))
        {
            return Problems.AttemptLost(parent.Value);
        }

        return RunStatuses.IsTerminal(child.Value.Status) ? Problems.ChildEnded()
            : tokens.IssueForChild(writer, child.Value) is { } token ? TypedResults.Ok(new CreateEventWriterTokenResponse(token))
            : Problems.EventWriterTokenNotAllowed();

        Task<Result<Run>> Find(RunRoute path) => limits.Read(
            caller.Tenant, () => path.FindBeforeWrite(store, caller, cancellationToken), Problems.RunNotFound);
    }
}
