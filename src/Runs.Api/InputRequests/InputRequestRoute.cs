using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>The input request that a path identifies.</summary>
internal readonly record struct InputRequestRoute(
    [FromRoute(Name = "conversation_id")][property: Description("The conversation's id."), Uuid] string ConversationId,
    [FromRoute(Name = "input_request_id")][property: Description("The input request's id."), Uuid] string InputRequestId)
{
    /// <summary>Finds the request and its run in the caller's tenant, or null. One round trip.</summary>
    public Task<RunInputRequest?> Find(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        Find(store, caller, isLinearizable: false, cancellationToken);

    /// <summary>
    /// As <see cref="Find(IRunStore, Caller, CancellationToken)"/>, before a command: verifies that an absent request
    /// does not exist.
    /// </summary>
    public async Task<RunInputRequest?> FindBeforeWrite(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        await Find(store, caller, isLinearizable: false, cancellationToken)
        ?? await Find(store, caller, isLinearizable: true, cancellationToken);

    private async Task<RunInputRequest?> Find(IRunStore store, Caller caller, bool isLinearizable, CancellationToken cancellationToken)
    {
        if (!new ConversationRoute(ConversationId).TryGetId(out var conversation) || !FieldRules.IsUuid(InputRequestId))
        {
            return null;
        }

        var id = Guid.Parse(InputRequestId);
        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ConversationId = conversation,
            InputRequestId = id,
            IsLinearizable = isLinearizable,
        };
        var page = await store.List(query, null, 1, cancellationToken);
        return page.Runs is [var run] && run.InputRequests.Find(request => request.Id == id) is { } found
            ? new RunInputRequest(run, found)
            : null;
    }
}
