using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a release.</summary>
internal static class ReleaseRunDecision
{
    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static ReleaseRunOutcome Decide(Run run, ReleaseRun command, RunMessageContext messageContext)
    {
        if (!run.IsCurrentAttempt(command.Attempt) || run.LeaseOwner is null)
        {
            return run.Attempts.Exists(attempt => attempt.Attempt == command.Attempt && WasReleased(attempt))
                ? ReleaseRunOutcome.Repeated
                : ReleaseRunOutcome.AttemptLost;
        }

        if (run.Status == RunStatuses.Waiting)
        {
            return ReleaseRunOutcome.Suspension;
        }

        if (CountReleasesInRow(run) < AttemptFailure.ReleasesPerFailure - 1)
        {
            return ReleaseRunOutcome.Released;
        }

        return AttemptFailure.From(run, command, messageContext.Execution).GetRetryTime(run, messageContext) is null
            ? ReleaseRunOutcome.Failure
            : ReleaseRunOutcome.Retry;
    }

    private static bool WasReleased(RunAttempt attempt) =>
        attempt.Outcome is AttemptOutcomes.Released or AttemptOutcomes.Suspended || attempt.Error?.Code == AttemptFailure.ReleasedCode;

    // The last attempt is the current one.
    private static int CountReleasesInRow(Run run) =>
        run.Attempts.SkipLast(1).Reverse().TakeWhile(attempt => attempt.Outcome == AttemptOutcomes.Released).Count();
}
