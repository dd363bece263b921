using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
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
    public static Task<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>> ListByProject(
        HttpRequest request, [FromRoute(Name = "project_reference")] string projectReference, Caller caller, IRunStore store,
        IOptions<ApiOptions> options, CancellationToken cancellationToken)
    {
        var reference = RunRoute.UnescapeSlashes(projectReference);
        return Guid.TryParseExact(reference, "D", out var project) || options.Value.ProjectSlugs.TryGetValue(reference, out project)
            ? caller.Projects?.Contains(project.ToString()) == false ? Task.FromResult<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>>(Problems.ProjectNotFound())
            : ReadPage(request, new RunQuery { Tenant = caller.Tenant, ProjectId = project.ToString() }, store, RunResourceMapper.ToResource, cancellationToken)
            : Task.FromResult<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>>(Problems.ProjectNotFound());
    }

    public static async Task<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>> ListChildren(
        HttpRequest request, [AsParameters] RunRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } parent
            ? await ReadPage(request, new RunQuery { Tenant = caller.Tenant, Projects = caller.Projects, ParentRunId = parent.RunId }, store, RunResourceMapper.ToResource, cancellationToken)
            : Problems.RunNotFound();

    public static Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> ListByConversation(
        HttpRequest request, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store,
        CancellationToken cancellationToken) =>
        Guid.TryParseExact(conversationId, "D", out var conversation)
            ? ReadPage(request, new RunQuery { Tenant = caller.Tenant, Projects = caller.Projects, ConversationId = conversation.ToString() }, store, ConversationRunResource.From, cancellationToken)
            : Task.FromResult<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>>(Problems.ConversationNotFound());

    public static async Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> ListChildrenInConversation(
        HttpRequest request, [AsParameters] ConversationRunRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } parent
            ? await ReadPage(
                request, new RunQuery { Tenant = caller.Tenant, Projects = caller.Projects, ParentRunId = parent.RunId, Kind = RunKinds.Agent }, store, ConversationRunResource.From, cancellationToken)
            : Problems.RunNotFound();

    public static Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> ListSpawnedByConversation(
        HttpRequest request, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(conversationId, "D", out var conversation))
        {
            return Task.FromResult<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>>(Problems.ConversationNotFound());
        }

        var toolCall = request.Query["spawned_from_tool_call_id"].ToString() is { Length: > 0 } text ? text : null;
        if (FieldRules.CheckSingleLine(toolCall, FieldRules.MaxIdLength) is { } detail)
        {
            return Task.FromResult<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>>(Problems.ValidationFailed("spawned_from_tool_call_id", detail));
        }

        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ParentConversationId = conversation.ToString(),
            SpawnedFromToolCallId = toolCall,
            Kind = RunKinds.Agent,
        };
        return ReadPage(request, query, store, ConversationRunResource.From, cancellationToken);
    }

    private static async Task<Results<Ok<PageResource<T>>, ProblemHttpResult>> ReadPage<T>(
        HttpRequest request, RunQuery query, IRunStore store, Func<Run, T> toResource, CancellationToken cancellationToken)
    {
        if (!PageRequest.TryRead(request, out var parameters, out var problem))
        {
            return problem;
        }

        var page = await store.List(
            query with { Kind = query.Kind ?? parameters.Kind, Status = parameters.Status }, parameters.After, parameters.Limit, cancellationToken);
        if (request.HttpContext.RequestServices.GetRequiredService<RequestLimits>().ChargeResponse(request.HttpContext, query.Tenant, page.CharacterCount) is { } rejection)
        {
            return rejection;
        }

        return TypedResults.Ok(new PageResource<T>(
            [.. page.Runs.Select(toResource)],
            new PageInfoResource { Self = parameters.Cursor, Next = page.Next is { } next ? PageRequest.EncodeCursor(next) : null }));
    }
}

/// <summary>One page of a list.</summary>
/// <param name="Data">The items. Events are oldest first, all other items newest first.</param>
/// <param name="PageInfo">The cursors of the neighbouring pages.</param>
public sealed record PageResource<T>(IReadOnlyList<T> Data, PageInfoResource PageInfo);

/// <summary>Opaque cursors, to send as <c>?cursor=</c>. Every member is always present.</summary>
public sealed record PageInfoResource
{
    /// <summary>This page's cursor; null for the first page.</summary>
    public string? Self { get; init; }

    /// <summary>Always null: the first page has no cursor.</summary>
    public string? First { get; init; }

    /// <summary>The next page's cursor; null on the last page.</summary>
    public string? Next { get; init; }

    /// <summary>Always null: lists are read forward.</summary>
    public string? Prev { get; init; }
}
