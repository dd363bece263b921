using Runs.Contracts;

namespace Runs.Store;

/// <summary>The timers of a run. Which of them count depends on its state.</summary>
internal static class RunTimers
{
    /// <summary>The time at which the next timer of the run fires: the value of <see cref="Run.DueAt"/>.</summary>
    public static DateTimeOffset? GetDueAt(Run run, ExecutionOptions options) => run switch
    {
        { Status: RunStatuses.Pending } => Min(run.StartBefore, GetStart(run)),
        { Status: RunStatuses.Waiting } => Min(run.WaitExpiresAt, GetLeaseEnd(run, options)),
        { Phase: Run.Retrying } => Min(run.TimeoutAt, run.RetryAt),
        { Status: RunStatuses.Running } => Min(run.TimeoutAt, GetLeaseEnd(run, options)),
        _ => null,
    };

    /// <summary>
    /// The time at which a pending run becomes ready; null when it is, or when it waits for its input.
    /// </summary>
    public static DateTimeOffset? GetStart(Run run) => run.IsReady() || run.IsReserved() ? null : run.StartAfter;

    /// <summary>The end of a running period that begins now; null for a run without a time limit.</summary>
    public static DateTimeOffset? GetTimeout(Run run, DateTimeOffset now) =>
        run.TimeoutSeconds is { } seconds ? now.AddSeconds(seconds) : null;

    /// <summary>The time at which an attempt is lost; null for a run without a lease.</summary>
    public static DateTimeOffset? GetLeaseEnd(Run run, ExecutionOptions options) => run.LeaseExpiresAt + options.LeaseGrace;

    private static DateTimeOffset? Min(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
