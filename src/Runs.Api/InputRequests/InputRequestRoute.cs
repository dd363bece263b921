using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>The input request that a path identifies.</summary>
internal readonly record struct InputRequestRoute(
    [FromRoute(Name = "conversation_id")] string ConversationId, [FromRoute(Name = "input_request_id")] string InputRequestId)
{
    /// <summary>Finds the request and its run in the caller's tenant, or null. One round trip.</summary>
    public Task<(Run Run, InputRequest Request)?> Find(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        Find(store, caller, isLinearizable: false, cancellationToken);

    /// <summary>
    /// As <see cref="Find(IRunStore, Caller, CancellationToken)"/>, before a command: verifies that an absent request
    /// does not exist.
    /// </summary>
    public async Task<(Run Run, InputRequest Request)?> FindBeforeWrite(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        await Find(store, caller, isLinearizable: false, cancellationToken) ?? await Find(store, caller, isLinearizable: true, cancellationToken);

    private async Task<(Run Run, InputRequest Request)?> Find(IRunStore store, Caller caller, bool isLinearizable, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(ConversationId, "D", out var conversation) || !Guid.TryParseExact(InputRequestId, "D", out var id))
        {
            return null;
        }

        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ConversationId = conversation.ToString(),
            InputRequestId = id,
            IsLinearizable = isLinearizable,
        };
        var page = await store.List(query, null, 1, cancellationToken);
        return page.Runs is [var run] ? (run, run.InputRequests.Find(request => request.Id == id)!) : null;
    }
}
