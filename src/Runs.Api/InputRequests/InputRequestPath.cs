using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>The input request that a path names.</summary>
internal readonly record struct InputRequestPath(
    [FromRoute(Name = "conversation_id")] string ConversationId, [FromRoute(Name = "input_request_id")] string InputRequestId)
{
    /// <summary>The request and its run, in the caller's tenant; null when there is none. One round trip.</summary>
    public Task<(Run Run, InputRequest Request)?> Find(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        Find(store, caller, isLatest: false, cancellationToken);

    /// <summary>As <see cref="Find(IRunStore, Caller, CancellationToken)"/>, before a command: null is certain.</summary>
    public async Task<(Run Run, InputRequest Request)?> FindBeforeWrite(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        await Find(store, caller, isLatest: false, cancellationToken) ?? await Find(store, caller, isLatest: true, cancellationToken);

    private async Task<(Run Run, InputRequest Request)?> Find(IRunStore store, Caller caller, bool isLatest, CancellationToken cancellationToken)
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
            IsLatest = isLatest,
        };
        var page = await store.List(query, null, 1, cancellationToken);
        return page.Runs is [var run] ? (run, run.InputRequests.Find(request => request.Id == id)!) : null;
    }
}
