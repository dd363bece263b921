using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Decides the outcome of a claim from the run and the message only.</summary>
internal static class ClaimRunDecision
{
    /// <summary>The outcome of <paramref name="command"/> for <paramref name="run"/>.</summary>
    public static ClaimRunOutcome Decide(Run run, ClaimRun command)
    {
        if (run.ClaimId == command.ClaimId && run.LeaseOwner == command.WorkerId)
        {
            return ClaimRunOutcome.Repeated;
        }

        var isInPool = command.Pool is null || command.Pool == run.ClaimPool || command.Pool == run.ClaimKindPool;
        return run.IsReady() && isInPool ? ClaimRunOutcome.Claimed : ClaimRunOutcome.NotClaimable;
    }
}
