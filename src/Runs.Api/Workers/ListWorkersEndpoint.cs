using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary><c>GET /agent-workers/projects/{project_reference}/workers</c>: lists a project's workers.</summary>
internal static class ListWorkersEndpoint
{
    /// <summary>List a project's workers</summary>
    /// <remarks>
    /// The workers that were registered and not revoked, newest first. A worker is <c>active</c> when it was registered
    /// or sent a heartbeat in the last 90 seconds, otherwise <c>silent</c>.
    /// </remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<WorkerResource>>, ProblemHttpResult>> Handle(
        HttpRequest request,
        [AsParameters] ProjectRoute route,
        Caller caller,
        IWorkerStore store,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(options.Value, out var project) || caller.Projects?.Contains(project) == false)
        {
            return Problems.ProjectNotFound();
        }

        var errors = new List<ValidationError>();
        var (after, cursor) = PageRequest.CursorParameter.Read(request, errors);
        var limit = PageRequest.LimitParameter.ReadOrDefault(request, errors);
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        var page = await store.List(caller.Tenant, project, after, limit, cancellationToken);
        if (limits.ChargeResponse(request.HttpContext, caller.Tenant, page.CharacterCount) is { } rejection)
        {
            return rejection;
        }

        var now = clock.GetUtcNow();
        return TypedResults.Ok(new PageResource<WorkerResource>(
            [.. page.Workers.Select(worker => WorkerResource.From(worker, now))],
            new PageInfoResource
            {
                Self = cursor,
                Next = page.Next is { } next ? PageRequest.EncodeCursor(next) : null,
            }));
    }
}
