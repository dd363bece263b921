using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>The run that a path identifies, and the conversation that it must belong to.</summary>
internal readonly record struct ConversationRunRoute(
    [FromRoute(Name = "conversation_id")][property: Description("The conversation's id."), Uuid] string ConversationId,
    [FromRoute(Name = "run_id")][property: Description("The run's id."), RunId] string RunId)
{
    public RunRoute Route => new(RunId);

    /// <summary>Finds the run in the caller's tenant and this conversation, without its payload, or null.</summary>
    public async Task<Run?> FindWithoutPayload(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        NullUnlessInConversation(await Route.FindWithoutPayload(store, caller, cancellationToken));

    /// <summary>
    /// As <see cref="FindWithoutPayload"/>, before a command: verifies that an absent run does not exist.
    /// </summary>
    public async Task<Run?> FindBeforeWrite(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        NullUnlessInConversation(await Route.FindBeforeWrite(store, caller, cancellationToken));

    /// <summary>
    /// Whether a run belongs to the conversation that a path names. The path may use either case; stored ids are in
    /// lower case and are compared exactly, as in lists.
    /// </summary>
    public static bool BelongsToConversation(Run run, string conversationId) =>
        new ConversationRoute(conversationId).TryGetId(out var id) && run.ConversationId == id;

    private Run? NullUnlessInConversation(Run? run) => run is not null && BelongsToConversation(run, ConversationId) ? run : null;
}
