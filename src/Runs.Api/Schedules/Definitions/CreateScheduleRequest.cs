using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Schedules;

/// <summary>A schedule to create. Unknown members are ignored.</summary>
public sealed record CreateScheduleRequest : ScheduleDefinition
{
    /// <summary>The display name, which is also that of the runs of a task. No control characters.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>What the schedule runs.</summary>
    public required ScheduleTargetRequest Target { get; init; }

    /// <summary>
    /// A cron expression of five fields (minute, hour, day of month, month, day of week), or <c>@hourly</c>,
    /// <c>@daily</c>, <c>@weekly</c>, <c>@monthly</c> or <c>@yearly</c>.
    /// </summary>
    public required string Schedule { get; init; }

    /// <summary>
    /// The id of the schedule in the source that defines it. With it, <c>definition_source</c> is <c>source</c>. No
    /// control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? SourceTriggerId { get; init; }

    /// <summary>The path of the file that defines the schedule. No control characters.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? SourcePath { get; init; }

    /// <summary>The hash of the definition in the source. No control characters.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? SourceHash { get; init; }
}
