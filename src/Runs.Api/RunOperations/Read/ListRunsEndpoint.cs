using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>
/// Lists runs, newest first. A cursor is a position between two runs, so runs added between two pages cause no gap and
/// no duplicate.
/// </summary>
internal static class ListRunsEndpoint
{
    /// <summary>The query parameter that selects the runs of a tool call.</summary>
    public static TextParameter SpawnedFromToolCallId { get; } = new(
        "spawned_from_tool_call_id", "Only runs that this tool call spawned. No control characters.", FieldLimits.MaxIdLength);

    /// <summary>List a project's runs</summary>
    /// <remarks>The runs that belong to the project, newest first.</remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>> ListByProject(
        HttpRequest request,
        [AsParameters] ProjectRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(options.Value, out var project) || caller.Projects?.Contains(project) == false)
        {
            return Problems.ProjectNotFound();
        }

        var query = new RunQuery { Tenant = caller.Tenant, ProjectId = project };
        return await ReadPage(request, query, store, limits, RunResourceMapper.ToResource, cancellationToken);
    }

    /// <summary>List a run's children</summary>
    /// <remarks>The runs created with this run as their parent, newest first.</remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>> ListChildren(
        HttpRequest request,
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        if (await route.FindWithoutPayload(store, caller, cancellationToken) is not { } parent)
        {
            return Problems.RunNotFound();
        }

        var query = new RunQuery { Tenant = caller.Tenant, Projects = caller.Projects, ParentRunId = parent.RunId };
        return await ReadPage(request, query, store, limits, RunResourceMapper.ToResource, cancellationToken);
    }

    /// <summary>List a conversation's runs</summary>
    /// <remarks>The agent runs that belong to the conversation, newest first.</remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> ListByConversation(
        HttpRequest request,
        [AsParameters] ConversationRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(out var conversation))
        {
            return Problems.ConversationNotFound();
        }

        var query = new RunQuery { Tenant = caller.Tenant, Projects = caller.Projects, ConversationId = conversation };
        return await ReadPage(request, query, store, limits, ConversationRunResource.From, cancellationToken);
    }

    /// <summary>List the children of a conversation's run</summary>
    /// <remarks>
    /// The agent runs created with this run as their parent, newest first, whichever conversation they belong to. In
    /// runs without a conversation, <c>conversation_id</c> and <c>message_id</c> are null. For children of other kinds,
    /// use <c>GET /runs/{run_id}/children</c>.
    /// </remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> ListChildrenInConversation(
        HttpRequest request,
        [AsParameters] ConversationRunRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        if (await route.FindWithoutPayload(store, caller, cancellationToken) is not { } parent)
        {
            return Problems.RunNotFound();
        }

        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ParentRunId = parent.RunId,
            Kind = RunKinds.Agent,
        };
        return await ReadPage(request, query, store, limits, ConversationRunResource.From, cancellationToken);
    }

    /// <summary>List the runs that a conversation spawned</summary>
    /// <remarks>
    /// The agent runs whose create named this conversation in its <c>trigger</c>, newest first, whichever conversation
    /// they belong to. In runs without a conversation, <c>conversation_id</c> and <c>message_id</c> are null.
    /// </remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> ListSpawnedByConversation(
        HttpRequest request,
        [AsParameters] ConversationRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(out var conversation))
        {
            return Problems.ConversationNotFound();
        }

        var errors = new List<ValidationError>();
        var toolCallId = SpawnedFromToolCallId.Read(request, errors);
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ParentConversationId = conversation,
            SpawnedFromToolCallId = toolCallId,
            Kind = RunKinds.Agent,
        };
        return await ReadPage(request, query, store, limits, ConversationRunResource.From, cancellationToken);
    }

    private static async Task<Results<Ok<PageResource<T>>, ProblemHttpResult>> ReadPage<T>(
        HttpRequest request,
        RunQuery query,
        IRunStore store,
        RequestLimits limits,
        Func<Run, T> toResource,
        CancellationToken cancellationToken)
    {
        var read = PageRequest.Read(request);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        var parameters = read.Value;
        var selected = query with { Kind = query.Kind ?? parameters.Kind, Status = parameters.Status };
        var page = await store.List(selected, parameters.After, parameters.Limit, cancellationToken);
        if (limits.ChargeResponse(request.HttpContext, query.Tenant, page.CharacterCount) is { } rejection)
        {
            return rejection;
        }

        return TypedResults.Ok(new PageResource<T>(
            [.. page.Runs.Select(toResource)],
            new PageInfoResource
            {
                Self = parameters.CursorText,
                Next = page.Next is { } next ? PageRequest.EncodeCursor(next) : null,
            }));
    }
}
