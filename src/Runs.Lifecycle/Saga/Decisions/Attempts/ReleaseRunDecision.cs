using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a release.</summary>
internal static class ReleaseRunDecision
{
    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static ReleaseRunOutcome Decide(Run run, ReleaseRun command, RunMessageContext messageContext)
    {
        if (!run.IsCurrentAttempt(command.Attempt))
        {
            return run.HasAttempt(command.Attempt, AttemptOutcomes.Released) ? ReleaseRunOutcome.Repeated : ReleaseRunOutcome.AttemptLost;
        }

        // A worker that waits for a result has not failed to execute the run.
        if (run.Status == RunStatuses.Waiting || CountReleasesInRow(run) < AttemptFailure.MaxReleasesInRow)
        {
            return ReleaseRunOutcome.Released;
        }

        return AttemptFailure.FromReleases(run, messageContext.Execution).GetRetryTime(run, messageContext) is null
            ? ReleaseRunOutcome.Failure
            : ReleaseRunOutcome.Retry;
    }

    // The last attempt is the current one.
    private static int CountReleasesInRow(Run run) =>
        run.Attempts.SkipLast(1).Reverse().TakeWhile(attempt => attempt.Outcome == AttemptOutcomes.Released).Count();
}
