using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>The lists of runs, newest first. A cursor marks a place between two runs, so pages stay whole while runs are added.</summary>
internal static class ListRunsEndpoint
{
    public static Task<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>> OfProject(
        HttpRequest request, [FromRoute(Name = "project_reference")] string projectReference, Caller caller, IRunStore store,
        IOptions<ApiOptions> options, CancellationToken cancellationToken)
    {
        var reference = RunPath.Unescaped(projectReference);
        return Guid.TryParseExact(reference, "D", out var project) || options.Value.Projects.TryGetValue(reference, out project)
            ? caller.Projects?.Contains(project.ToString()) == false ? Task.FromResult<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>>(Problems.ProjectNotFound())
            : Page(request, new RunQuery { Tenant = caller.Tenant, ProjectId = project.ToString() }, store, RunMapping.ToResource, cancellationToken)
            : Task.FromResult<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>>(Problems.ProjectNotFound());
    }

    public static async Task<Results<Ok<PageResource<RunResource>>, ProblemHttpResult>> OfParent(
        HttpRequest request, [AsParameters] RunPath path, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.FindHead(store, caller, cancellationToken) is { } parent
            ? await Page(request, new RunQuery { Tenant = caller.Tenant, Projects = caller.Projects, ParentRunId = parent.RunId }, store, RunMapping.ToResource, cancellationToken)
            : Problems.RunNotFound();

    public static Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> OfConversation(
        HttpRequest request, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store,
        CancellationToken cancellationToken) =>
        Guid.TryParseExact(conversationId, "D", out var conversation)
            ? Page(request, new RunQuery { Tenant = caller.Tenant, Projects = caller.Projects, ConversationId = conversation.ToString() }, store, ConversationRunResource.From, cancellationToken)
            : Task.FromResult<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>>(Problems.ConversationNotFound());

    public static async Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> OfParentInConversation(
        HttpRequest request, [AsParameters] ConversationRunPath path, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.FindHead(store, caller, cancellationToken) is { } parent
            ? await Page(
                request, new RunQuery { Tenant = caller.Tenant, Projects = caller.Projects, ParentRunId = parent.RunId, Kind = RunKinds.Agent }, store, ConversationRunResource.From, cancellationToken)
            : Problems.RunNotFound();

    public static Task<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>> SpawnedByConversation(
        HttpRequest request, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(conversationId, "D", out var conversation))
        {
            return Task.FromResult<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>>(Problems.ConversationNotFound());
        }

        var toolCall = request.Query["spawned_from_tool_call_id"].ToString() is { Length: > 0 } text ? text : null;
        if (Limits.Line(toolCall, Limits.Key) is { } wrong)
        {
            return Task.FromResult<Results<Ok<PageResource<ConversationRunResource>>, ProblemHttpResult>>(Problems.Invalid("spawned_from_tool_call_id", wrong));
        }

        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ParentConversationId = conversation.ToString(),
            SpawnedFromToolCallId = toolCall,
            Kind = RunKinds.Agent,
        };
        return Page(request, query, store, ConversationRunResource.From, cancellationToken);
    }

    private static async Task<Results<Ok<PageResource<T>>, ProblemHttpResult>> Page<T>(
        HttpRequest request, RunQuery query, IRunStore store, Func<Run, T> show, CancellationToken cancellationToken)
    {
        if (!PageParameters.TryRead(request, out var parameters, out var problem))
        {
            return problem;
        }

        var page = await store.List(
            query with { Kind = query.Kind ?? parameters.Kind, Status = parameters.Status }, parameters.After, parameters.Limit, cancellationToken);
        if (request.HttpContext.RequestServices.GetRequiredService<RequestLimits>().TryHold(request.HttpContext, query.Tenant, page.Characters) is { } tooMuch)
        {
            return tooMuch;
        }

        return TypedResults.Ok(new PageResource<T>(
            [.. page.Runs.Select(show)],
            new PageInfoResource { Self = parameters.Cursor, Next = page.Next is { } next ? PageParameters.Encode(next) : null }));
    }
}

/// <summary>One page of a list.</summary>
/// <param name="Data">The items: of a log the oldest first, of all else the newest.</param>
/// <param name="PageInfo">Where the neighbouring pages are.</param>
public sealed record PageResource<T>(IReadOnlyList<T> Data, PageInfoResource PageInfo);

/// <summary>Opaque cursors, to be sent back as <c>?cursor=</c>. Every member is always present.</summary>
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
