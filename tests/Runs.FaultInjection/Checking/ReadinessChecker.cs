using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Checking;

/// <summary>
/// Checks that workers find a run if and only if it is ready: it has not begun and may begin now, or its last attempt
/// has ended and the delay before the next one is over.
/// </summary>
internal sealed class ReadinessChecker(InvariantViolations violations)
{
    public void Check(StoredRun run)
    {
        var document = run.Document;
        var isReady = (run.Status, run.Phase) switch
        {
            ("pending", _) => !IsReserved(run) && !document.Contains("start_after"),
            ("running", "retrying") => !document.Contains("retry_at"),
            _ => false,
        };
        var isFound = document.Contains("claim_rank");
        if (isFound != isReady || isFound != document.Contains("claim_pool"))
        {
            violations.Add(
                Invariants.ClaimableIfReady,
                $"{run.Id} is {run.Phase ?? run.Status}, and claim_rank is {(isFound ? "present" : "absent")}");
        }
    }

    private static bool IsReserved(StoredRun run) =>
        run.Document["kind"].AsString == "agent" && !run.Document.Contains("input") && !run.Document.Contains("implementation_kind");
}
