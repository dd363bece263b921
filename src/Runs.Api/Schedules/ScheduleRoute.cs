using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>The schedule that a path identifies.</summary>
internal readonly record struct ScheduleRoute(
    [FromRoute(Name = "project_reference")]
    [property: Description("The project's UUID, or its slug, percent-encoded."), MinLength(1)]
    string ProjectReference,
    [FromRoute(Name = "schedule_id")][property: Description("The schedule's id."), Uuid] string ScheduleId)
{
    /// <summary>Finds the schedule in its project and in the caller's tenant, or null. One round trip.</summary>
    public async Task<Schedule?> Find(
        IScheduleStore store, Caller caller, ApiOptions options, CancellationToken cancellationToken)
    {
        if (!new ProjectRoute(ProjectReference).TryGetId(options, out var project)
            || !caller.CanUseProject(project)
            || !FieldRules.IsUuid(ScheduleId))
        {
            return null;
        }

        var schedule = await store.Find(Guid.Parse(ScheduleId), cancellationToken);
        return schedule?.Tenant == caller.Tenant && schedule.ProjectId == project ? schedule : null;
    }
}
