using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Checks the ancestors of a run for cancelled runs.</summary>
internal static class RunTreeExtensions
{
    /// <summary>
    /// Whether <paramref name="parent"/> is cancelled, or has ended otherwise and is below a cancelled run. The search
    /// stops at an active run: a cascade that has not reached that run yet lists its children later.
    /// </summary>
    public static async Task<bool> IsInCancelledTree(this IRunStore store, Run? parent, CancellationToken cancellationToken)
    {
        for (var run = parent; run is { Status: RunStatuses.Cancelled or RunStatuses.Completed or RunStatuses.Failed };)
        {
            if (run.Status == RunStatuses.Cancelled)
            {
                return true;
            }

            run = run.ParentRunId is { } above ? await store.FindWithoutPayload(RunIds.ForRun(run.Tenant, above), cancellationToken) : null;
        }

        return false;
    }
}
