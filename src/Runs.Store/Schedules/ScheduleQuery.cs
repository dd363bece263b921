namespace Runs.Store;

/// <summary>Selects the schedules of a list.</summary>
public sealed record ScheduleQuery
{
    /// <summary>The tenant. A list never contains schedules of another tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Selects the schedules of this project.</summary>
    public required string ProjectId { get; init; }

    /// <summary>Only schedules in this status.</summary>
    public string? Status { get; init; }

    /// <summary>Only schedules with this <see cref="Schedule.SourceTriggerId"/>.</summary>
    public string? SourceTriggerId { get; init; }
}
