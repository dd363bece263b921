namespace Runs.Store;

/// <summary>How the runs of a schedule end: the values of <c>health</c>.</summary>
public static class ScheduleHealths
{
    /// <summary>No run has completed or failed.</summary>
    public const string Unknown = "unknown";

    /// <summary>One of the last three runs completed, or fewer have failed.</summary>
    public const string Healthy = "healthy";

    /// <summary>The last three runs failed.</summary>
    public const string Failing = "failing";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Unknown, Healthy, Failing];
}
