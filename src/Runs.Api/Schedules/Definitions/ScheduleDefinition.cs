using System.ComponentModel.DataAnnotations;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>The members of a schedule's definition that have a default.</summary>
public abstract record ScheduleDefinition : RuntimeTarget
{
    /// <summary>The IANA name of a time zone, such as <c>Europe/Berlin</c>. <c>UTC</c> when absent.</summary>
    public string? Timezone { get; init; }

    /// <summary>
    /// The config of a task, or the input of a workflow or an agent. At most 262,144 characters.
    /// </summary>
    [JsonObject]
    public RawJson? Config { get; init; }

    /// <summary>The time limit of each run in seconds. 300 when absent.</summary>
    [Range(FieldLimits.MinTimeoutSeconds, int.MaxValue)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>The maximum number of further attempts of a run after a failed one. 3 when absent.</summary>
    [Range(FieldLimits.MinBackoffLimit, int.MaxValue)]
    public int? BackoffLimit { get; init; }

    /// <summary>
    /// What a fire does while an earlier run is active: nothing (<c>Forbid</c>, when absent), create its run
    /// (<c>Allow</c>), or cancel the active runs and create its run (<c>Replace</c>).
    /// </summary>
    [OneOf(typeof(ConcurrencyPolicies))]
    public string? ConcurrencyPolicy { get; init; }

    /// <summary>
    /// What happens to late fires, after the service was stopped: the last one creates a run (<c>latest</c>, when
    /// absent), every one within <c>catch_up_window_seconds</c> does (<c>all</c>), or none that is more than a minute
    /// late (<c>none</c>).
    /// </summary>
    [OneOf(typeof(CatchUpPolicies))]
    public string? CatchUp { get; init; }

    /// <summary>How late a fire may be with <c>catch_up</c> <c>all</c>, in seconds. 86,400 when absent.</summary>
    [Range(FieldLimits.MinCatchUpWindowSeconds, FieldLimits.MaxStartSeconds)]
    public int? CatchUpWindowSeconds { get; init; }

    /// <summary>
    /// The time within which each run must begin in seconds, or it fails with <c>START_EXPIRED</c>. 3,600 when absent.
    /// With <c>Forbid</c>, a run that no worker takes holds up the schedule for this time.
    /// </summary>
    [Range(FieldLimits.MinStartWithinSeconds, FieldLimits.MaxStartSeconds)]
    public int? StartWithinSeconds { get; init; }

    /// <summary>The number of fires after which the schedule is completed. No limit when absent.</summary>
    [Range(FieldLimits.MinMaxRuns, int.MaxValue)]
    public int? MaxRuns { get; init; }
}
