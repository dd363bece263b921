using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides which timer of a run has passed. A timer that ends the run precedes the others.</summary>
internal static class RunDueDecision
{
    /// <summary>The outcome for <paramref name="run"/>, which has not ended.</summary>
    public static RunDueOutcome Decide(Run run, RunDue message, RunMessageContext messageContext)
    {
        var now = messageContext.Now;
        return run switch
        {
            { Status: RunStatuses.Pending } when run.StartBefore <= now => RunDueOutcome.Overdue,
            { Status: RunStatuses.Pending } when RunTimers.GetStart(run) <= now => RunDueOutcome.Ready,
            { Status: RunStatuses.Waiting } when run.WaitExpiresAt <= now => RunDueOutcome.Overdue,
            { Status: RunStatuses.Waiting } when IsLeaseOver(run, messageContext) => RunDueOutcome.Suspension,
            { Status: RunStatuses.Running } when run.TimeoutAt <= now => RunDueOutcome.Overdue,
            { Phase: Run.Retrying } when run.RetryAt <= now => RunDueOutcome.Ready,
            { Status: RunStatuses.Running } when IsLeaseOver(run, messageContext) => DecideLostLease(run, message, messageContext),
            _ => RunDueOutcome.TooEarly,
        };
    }

    private static bool IsLeaseOver(Run run, RunMessageContext messageContext) =>
        RunTimers.GetLeaseEnd(run, messageContext.Execution) <= messageContext.Now;

    private static RunDueOutcome DecideLostLease(Run run, RunDue message, RunMessageContext messageContext) =>
        AttemptFailure.From(run, message, messageContext.Execution).GetRetryTime(run, messageContext) is null
            ? RunDueOutcome.Failure
            : RunDueOutcome.Retry;
}
