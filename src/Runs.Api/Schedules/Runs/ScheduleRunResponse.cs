namespace Runs.Api.Schedules;

/// <summary>The run of a schedule.</summary>
public sealed record ScheduleRunResponse
{
    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>The internal key of the run: a UUID.</summary>
    [Uuid]
    public required string RunExecutionId { get; init; }

    /// <summary>The schedule.</summary>
    [Uuid]
    public required string ScheduleId { get; init; }
}
