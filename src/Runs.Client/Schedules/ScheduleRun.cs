namespace Runs.Client;

/// <summary>A run that a call created from a schedule.</summary>
public sealed record ScheduleRun
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The internal key of the run, a UUID.</summary>
    public string? RunExecutionId { get; init; }

    /// <summary>The schedule.</summary>
    public required string ScheduleId { get; init; }
}
