namespace Runs.Client;

/// <summary>The status of a schedule.</summary>
public static class ScheduleStatuses
{
    /// <summary>It creates runs.</summary>
    public const string Active = "active";

    /// <summary>It creates no runs until it is resumed.</summary>
    public const string Paused = "paused";

    /// <summary>It is deleted when its last run has ended.</summary>
    public const string Deleting = "deleting";
}
