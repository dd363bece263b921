using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a claim.</summary>
internal static class ClaimRunDecision
{
    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static ClaimRunOutcome Decide(Run run, ClaimRun command, RunMessageContext messageContext)
    {
        if (run.Attempts.FindLast(attempt => attempt.ClaimId == command.ClaimId) is { } claimed)
        {
            // The worker of an attempt that has ended does not expect another one.
            return claimed.EndedAt is null && claimed.WorkerId == command.WorkerId
                ? ClaimRunOutcome.Repeated
                : ClaimRunOutcome.NotClaimable;
        }

        if (command.ExpiresAt < messageContext.HostTime)
        {
            return ClaimRunOutcome.Expired;
        }

        var isInPool = command.Pool is null || command.Pool == run.ClaimPool || command.Pool == run.ClaimKindPool;
        return run.IsReady() && isInPool && !IsOverdue(run, messageContext.Now) ? ClaimRunOutcome.Claimed : ClaimRunOutcome.NotClaimable;
    }

    // The run fails as soon as its timer is handled.
    private static bool IsOverdue(Run run, DateTimeOffset now) =>
        run.Status == RunStatuses.Pending ? run.StartBefore <= now : run.TimeoutAt <= now;
}
