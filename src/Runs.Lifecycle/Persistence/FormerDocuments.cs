using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Fills in the members that documents of earlier releases lack. Such a document has one timer, its due time, and every
/// pending run with input is ready.
/// </summary>
internal static class FormerDocuments
{
    /// <summary>Fills in the members of a run that was just read.</summary>
    public static void Complete(Run run)
    {
        if (run.DueAt is { } dueAt && !HasTimer(run))
        {
            SetTimer(run, dueAt);
        }

        if (run is { Status: RunStatuses.Pending, ClaimRank: null, StartAfter: null } && !run.IsReserved())
        {
            RunAttempts.MakeReady(run, run.CreatedAt);
        }
    }

    private static bool HasTimer(Run run) =>
        (run.StartBefore ?? run.StartAfter ?? run.TimeoutAt ?? run.WaitExpiresAt ?? run.RetryAt ?? run.LeaseExpiresAt) is not null;

    private static void SetTimer(Run run, DateTimeOffset dueAt)
    {
        switch (run.Status)
        {
            case RunStatuses.Pending:
                run.StartBefore = dueAt;
                break;
            case RunStatuses.Waiting:
                run.WaitExpiresAt = dueAt;
                break;
            default:
                run.TimeoutAt = dueAt;
                break;
        }
    }
}
