using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Looks up a tree: whether a run above another one was cancelled.</summary>
internal static class Ancestors
{
    /// <summary>
    /// Whether <paramref name="parent"/> is cancelled, or has ended otherwise below a run that is. The look ends at an active run: a cascade that still has to reach it
    /// lists its children after that.
    /// </summary>
    public static async Task<bool> IsCancelled(this IRunStore store, Run? parent, CancellationToken cancellationToken)
    {
        for (var run = parent; run is { Status: RunStatuses.Cancelled or RunStatuses.Completed or RunStatuses.Failed };)
        {
            if (run.Status == RunStatuses.Cancelled)
            {
                return true;
            }

            run = run.ParentRunId is { } above ? await store.FindHead(RunKey.Of(run.Tenant, above), cancellationToken) : null;
        }

        return false;
    }
}
