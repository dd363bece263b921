using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>The timers of a run. Which of them count depends on its state.</summary>
internal static class RunTimers
{
    /// <summary>The time at which the next timer of the run fires: the value of <see cref="Run.DueAt"/>.</summary>
    public static DateTimeOffset? GetDueAt(Run run, ExecutionOptions options) => run switch
    {
        { Status: RunStatuses.Pending } => Min(run.StartBefore, GetStart(run)),
        { Status: RunStatuses.Waiting } => Min(run.WaitExpiresAt, run.LeaseExpiresAt + options.LeaseGrace),
        { Phase: Run.Retrying } => Min(run.TimeoutAt, run.RetryAt),
        { Status: RunStatuses.Running } => Min(run.TimeoutAt, run.LeaseExpiresAt + options.LeaseGrace),
        _ => null,
    };

    /// <summary>
    /// The time at which a pending run becomes ready; null when it is, or when it waits for its input.
    /// </summary>
    public static DateTimeOffset? GetStart(Run run) => run.IsReady() || CreateRunDecision.IsReserved(run) ? null : run.StartAfter;

    /// <summary>The end of a running period that begins now; null for a run without a time limit.</summary>
    public static DateTimeOffset? GetTimeout(Run run, DateTimeOffset now) =>
        run.TimeoutSeconds is { } seconds ? now.AddSeconds(seconds) : null;

    /// <summary>
    /// Sets the members that releases before the first one with attempts did not store: there, the due time was that of
    /// the only timer that a state had, and every pending run with input was ready.
    /// </summary>
    public static void RestoreMissing(Run run)
    {
        if (run is { DueAt: not null, StartBefore: null, StartAfter: null, TimeoutAt: null, WaitExpiresAt: null, RetryAt: null }
            and { LeaseExpiresAt: null })
        {
            (run.StartBefore, run.TimeoutAt, run.WaitExpiresAt) = run.Status switch
            {
                RunStatuses.Pending => (run.DueAt, null, null),
                RunStatuses.Waiting => (null, null, run.DueAt),
                _ => ((DateTimeOffset?)null, run.DueAt, (DateTimeOffset?)null),
            };
        }

        if (run is { Status: RunStatuses.Pending, ClaimRank: null, StartAfter: null } && !CreateRunDecision.IsReserved(run))
        {
            RunAttempts.MakeReady(run, run.CreatedAt);
        }
    }

    private static DateTimeOffset? Min(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
