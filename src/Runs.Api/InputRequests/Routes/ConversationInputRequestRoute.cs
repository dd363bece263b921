using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>The input request that a path identifies, and the conversation that its run must belong to.</summary>
internal readonly record struct ConversationInputRequestRoute(
    [FromRoute(Name = "conversation_id")][property: Description("The conversation's id."), Uuid] string ConversationId,
    [FromRoute(Name = "input_request_id")][property: Description("The input request's id."), Uuid] string InputRequestId)
{
    /// <summary>Finds the request and its run in the caller's tenant, or null. One round trip.</summary>
    public Task<RunInputRequest?> Find(IRunStore store, Caller caller, CancellationToken cancellationToken) =>
        Find(store, caller, isLinearizable: false, cancellationToken);

    /// <summary>
    /// As <see cref="Find(IRunStore, Caller, CancellationToken)"/>, before a command: verifies that an absent request
    /// does not exist. Returns the problem when it does not.
    /// </summary>
    public Task<Result<RunInputRequest>> FindBeforeWrite(
        IRunStore store, RequestLimits limits, Caller caller, CancellationToken cancellationToken)
    {
        var route = this;
        return limits.Read(
            caller.Tenant,
            async () => await route.Find(store, caller, isLinearizable: false, cancellationToken)
                ?? await route.Find(store, caller, isLinearizable: true, cancellationToken),
            Problems.InputRequestNotFound);
    }

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
        return page.Runs is [var run] ? RunInputRequest.Find(run, id) : null;
    }
}
