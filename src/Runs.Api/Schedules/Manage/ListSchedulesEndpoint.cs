using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>
/// <c>GET /projects/{project_reference}/schedules</c>: lists the schedules of a project, newest first.
/// </summary>
internal static class ListSchedulesEndpoint
{
    /// <summary>The query parameter that selects schedules by status.</summary>
    public static EnumParameter Status { get; } = new("status", "Only schedules with this status.", ScheduleStatuses.All);

    /// <summary>The query parameter that selects the schedule of a source.</summary>
    public static TextParameter SourceTriggerId { get; } = new(
        "source_trigger_id", "Only schedules with this id in their source. No control characters.", FieldLimits.MaxNameLength);

    /// <summary>List a project's schedules</summary>
    /// <remarks>The schedules that belong to the project, newest first.</remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<ListSchedulesResponse>, ProblemHttpResult>> Handle(
        HttpRequest request,
        [AsParameters] ProjectRoute route,
        Caller caller,
        IScheduleStore store,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(options.Value, out var project) || !caller.CanUseProject(project))
        {
            return Problems.ProjectNotFound();
        }

        var errors = new List<ValidationError>();
        var (after, cursor) = PageRequest.CursorParameter.Read(request, errors);
        var limit = PageRequest.LimitParameter.ReadOrDefault(request, errors);
        var query = new ScheduleQuery
        {
            Tenant = caller.Tenant,
            ProjectId = project,
            Status = Status.Read(request, errors),
            SourceTriggerId = SourceTriggerId.Read(request, errors),
        };
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        var page = await store.List(query, after, limit, cancellationToken);
        if (limits.ChargeResponse(request.HttpContext, caller.Tenant, page.CharacterCount) is { } rejection)
        {
            return rejection;
        }

        return TypedResults.Ok(new ListSchedulesResponse
        {
            Schedules = [.. page.Schedules.Select(ScheduleResource.From)],
            PageInfo = new PageInfoResource
            {
                Self = cursor,
                Next = page.Next is { } next ? PageRequest.EncodeCursor(next) : null,
            },
        });
    }
}
