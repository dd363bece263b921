namespace Runs.Contracts;

/// <summary>
/// The status of a run: the values of <c>status</c>. They are the states of the state machine in lower case; a run that
/// is between two attempts is running.
/// </summary>
public static class RunStatuses
{
    /// <summary>Accepted; execution has not begun.</summary>
    public const string Pending = "pending";

    /// <summary>Execution has begun.</summary>
    public const string Running = "running";

    /// <summary>
    /// Execution is paused for a tool, an approval, an event or an input; see <see cref="WaitingReasons"/>.
    /// </summary>
    public const string Waiting = "waiting";

    /// <summary>Ended successfully. Final.</summary>
    public const string Completed = "completed";

    /// <summary>Ended with an error, described by <c>error.message</c>. Final.</summary>
    public const string Failed = "failed";

    /// <summary>Cancelled. Final.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Every status, in the order of a run's life cycle.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Running, Waiting, Completed, Failed, Cancelled];

    /// <summary>The final statuses. A run in one of them never changes its status.</summary>
    public static IReadOnlyList<string> Terminal { get; } = [Completed, Failed, Cancelled];

    /// <summary>Whether <paramref name="status"/> is final.</summary>
    public static bool IsTerminal(string status) => status is Completed or Failed or Cancelled;
}
