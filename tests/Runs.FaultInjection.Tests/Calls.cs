using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Tests;

/// <summary>Creates records of calls of one run.</summary>
internal static class Calls
{
    public const string Run = "run_1";

    public static CallRecord Claim(int attempt, double start, double end, string worker = "worker-1") =>
        Create("claim", attempt, start, end) with { Worker = worker, Status = "running" };

    public static CallRecord BrokerClaim(int attempt, string claimId, double start, double end) =>
        Create("runs.claim-run", attempt, start, end) with { Answer = "RunSnapshot", ClaimId = claimId, Changed = true };

    public static CallRecord Append(int attempt, double start, double end) => Create("append", attempt, start, end);

    public static CallRecord Create(string name, int attempt, double start, double end) =>
        new(Run, name, "api-1", 1, start, end, "200") { RunAttempt = attempt };
}
