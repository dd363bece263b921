namespace Runs.Client;

/// <summary>A time at which a schedule creates a run.</summary>
public sealed record ScheduleFire
{
    /// <summary>The time in UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The same time in the schedule's time zone, as text.</summary>
    public string? Local { get; init; }
}
