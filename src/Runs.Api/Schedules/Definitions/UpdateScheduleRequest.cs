using System.ComponentModel.DataAnnotations;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>
/// The members to change. Absent members are unchanged; null removes <c>config</c> and <c>max_runs</c>. A
/// <c>runtime_target_kind</c> replaces the runtime target with its ids. Unknown members are ignored.
/// </summary>
public sealed record UpdateScheduleRequest : ScheduleDefinition
{
    /// <summary>The display name. No control characters.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>What the schedule runs.</summary>
    public ScheduleTargetRequest? Target { get; init; }

    /// <summary>A cron expression. The next fire is then its first time from now.</summary>
    public string? Schedule { get; init; }

    /// <summary>
    /// <c>paused</c> stops the fires, and <c>active</c> continues with the first one from now. Fires in between are not
    /// caught up.
    /// </summary>
    [OneOf(ScheduleStatuses.Active, ScheduleStatuses.Paused)]
    public string? Status { get; init; }

    /// <summary>Why the schedule is paused. With status <c>paused</c>. No control characters.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? PausedReason { get; init; }
}
