using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Schedules;

/// <summary>A run of a schedule by hand. Unknown members are ignored.</summary>
public sealed record RunScheduleRequest : RequestSchema
{
    /// <summary>
    /// The display name of a task's run. The name of the schedule when absent. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? RunName { get; init; }

    /// <summary>
    /// Identifies the run within its schedule: a repeat with the same key creates no second run. Without it, every call
    /// creates another run. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? IdempotencyKey { get; init; }
}
