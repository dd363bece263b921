namespace Runs.Store;

/// <summary>The values of <see cref="WorkerSession.Status"/>.</summary>
public static class WorkerSessionStatuses
{
    /// <summary>The worker uses the session.</summary>
    public const string Active = "active";

    /// <summary>The session ended with success.</summary>
    public const string Completed = "completed";

    /// <summary>The session ended with a failure.</summary>
    public const string Failed = "failed";

    /// <summary>The session was cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>All values.</summary>
    public static IReadOnlyList<string> All { get; } = [Active, Completed, Failed, Cancelled];
}
