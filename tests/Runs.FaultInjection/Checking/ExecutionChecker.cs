using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Checking;

/// <summary>
/// Checks what workers were answered: which attempts their claims began, in which periods the writes of each attempt
/// were accepted, and how long their leases were.
/// </summary>
/// <param name="violations">Receives the violations.</param>
/// <param name="calls">All calls.</param>
/// <param name="runs">The runs that are stored in the end, by their ids.</param>
/// <param name="getClockDifference">How far the clocks of the servers differed while they had a run.</param>
internal sealed class ExecutionChecker(
    InvariantViolations violations,
    IEnumerable<CallRecord> calls,
    IReadOnlyDictionary<string, StoredRun> runs,
    Func<string, TimeSpan> getClockDifference)
{
    private const string BrokerClaim = "runs.claim-run";

    private static readonly HashSet<string> BrokerWrites = ["runs.wait-run", "runs.complete-run", "runs.release-run"];

    public void Check()
    {
        foreach (var run in calls.Where(call => call is { Run: not null, RunAttempt: not null }).GroupBy(call => call.Run!))
        {
            var sorted = run.OrderBy(call => call.End).ToList();
            CheckClaims(run.Key, sorted);
            CheckPeriods(run.Key, sorted);
            CheckLeases(run.Key, sorted);
        }
    }

    // A claim over the broker that is repeated is answered with the same attempt.
    private void CheckClaims(string run, List<CallRecord> calls)
    {
        foreach (var attempt in calls.Where(IsAnsweredClaim).GroupBy(call => call.RunAttempt!.Value))
        {
            var claims = attempt.Select((call, index) => call.ClaimId ?? $"HTTP {index}").Distinct().ToList();
            if (claims.Count > 1)
            {
                violations.Add(Invariants.OneClaimPerAttempt, $"{run}: attempt {attempt.Key} was the answer to {Describe(attempt)}");
            }

            if (!runs.TryGetValue(run, out var stored) || stored.GetNumber("attempt") < attempt.Key)
            {
                violations.Add(Invariants.OneAttemptAtATime, $"{run}: attempt {attempt.Key} was claimed and is not stored");
            }
        }
    }

    // When a later attempt has begun for certain, no write of an earlier one can still take effect.
    private void CheckPeriods(string run, List<CallRecord> calls)
    {
        var beginnings = new List<CallRecord>();
        foreach (var call in calls.Where(call => IsAnsweredClaim(call) || IsAcceptedWrite(call)))
        {
            if (beginnings.Count == 0 || call.RunAttempt > beginnings[^1].RunAttempt)
            {
                beginnings.Add(call);
            }

            if (beginnings.Find(begun => begun.RunAttempt > call.RunAttempt && begun.End < call.EarliestEffect) is { } later)
            {
                violations.Add(
                    Invariants.OneAttemptAtATime,
                    $"{run}: attempt {later.RunAttempt} had begun, and a write of attempt {call.RunAttempt} was accepted: "
                    + Describe([later, call]));
            }
        }
    }

    // The times are those of the servers.
    private void CheckLeases(string run, List<CallRecord> calls)
    {
        if (!runs.TryGetValue(run, out var stored))
        {
            return;
        }

        var ends = calls
            .Where(call => call.LeaseExpiresAt is not null)
            .GroupBy(call => call.RunAttempt!.Value)
            .ToDictionary(attempt => attempt.Key, attempt => attempt.Max(call => call.LeaseExpiresAt!.Value));
        foreach (var attempt in stored.Attempts.Where(attempt => attempt.Outcome == "lost"))
        {
            if (ends.TryGetValue(attempt.Number, out var end) && attempt.EndedAt + getClockDifference(run) < end)
            {
                violations.Add(
                    Invariants.LeasesAreKept,
                    $"{run}: attempt {attempt.Number} was lost at {attempt.EndedAt:O}, and the last response to its worker "
                    + $"says that its lease ends at {end:O}");
            }
        }
    }

    private static bool IsAnsweredClaim(CallRecord call) =>
        call is { Call: ExecutionCalls.Claim, Answer: "200", Run: not null } or { Call: BrokerClaim, Answer: "RunSnapshot" };

    // When the run has ended, the response to an outcome is the unchanged run, also for an attempt that is over. So
    // over HTTP it does not say whether the outcome was accepted. The stored run does: see AttemptChecker.
    private static bool IsAcceptedWrite(CallRecord call) =>
        (call.Answer == "200" && ExecutionCalls.Writes.Contains(call.Call) && call.Call != ExecutionCalls.Complete)
        || (call is { Call: ExecutionCalls.Complete, Answer: "200" } && !StatusTransitions.IsFinal(call.Status))
        || (call is { Answer: "RunSnapshot", Changed: true } && BrokerWrites.Contains(call.Call));

    private static string Describe(IEnumerable<CallRecord> calls) => string.Join(
        " and ",
        calls.Select(call => FormattableString.Invariant(
            $"{call.Call} of {call.Worker ?? call.ClaimId ?? "a publisher"} at {call.EarliestEffect:0.000}-{call.End:0.000}")));
}
