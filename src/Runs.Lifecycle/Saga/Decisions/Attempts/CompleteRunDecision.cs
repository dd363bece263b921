using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a complete for a run that has not ended.</summary>
internal static class CompleteRunDecision
{
    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static CompleteRunOutcome Decide(Run run, CompleteRun command, RunMessageContext messageContext)
    {
        if (command.Attempt is { } attempt && !run.IsCurrentAttempt(attempt))
        {
            return run.HasAttempt(attempt, command.Status) ? CompleteRunOutcome.Repeated : CompleteRunOutcome.AttemptLost;
        }

        if (command.Attempt is null && run.RequiresAttempt())
        {
            return CompleteRunOutcome.AttemptRequired;
        }

        return command.Status switch
        {
            RunStatuses.Completed => CompleteRunOutcome.Success,
            RunStatuses.Cancelled => CompleteRunOutcome.Cancellation,
            _ => IsRetried(run, command, messageContext) ? CompleteRunOutcome.Retry : CompleteRunOutcome.Failure,
        };
    }

    // An outcome that names no attempt is the outcome of the run, and so is one of an attempt without a lease: no
    // worker would claim the run.
    private static bool IsRetried(Run run, CompleteRun command, RunMessageContext messageContext) =>
        command.Attempt is not null && run.LeaseOwner is not null
        && AttemptFailure.From(run, command, messageContext.Execution).GetRetryTime(run, messageContext) is not null;
}
