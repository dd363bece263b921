namespace Runs.Store;

/// <summary>The status of a schedule: the values of <c>status</c>.</summary>
public static class ScheduleStatuses
{
    /// <summary>The schedule fires.</summary>
    public const string Active = "active";

    /// <summary>The schedule does not fire. Its fires of this time are not caught up later.</summary>
    public const string Paused = "paused";

    /// <summary>The schedule does not fire, and is deleted when none of its runs is active.</summary>
    public const string Deleting = "deleting";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Active, Paused, Deleting];
}
