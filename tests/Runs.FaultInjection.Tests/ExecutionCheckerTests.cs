using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Tests;

public sealed class ExecutionCheckerTests
{
    private static readonly StoredRun TwoAttempts = StoredRuns.WithAttempts("completed", "lost", "completed");

    [Fact]
    public void Attempts_one_after_the_other_are_no_violation()
    {
        var violations = Check(
            TwoAttempts,
            Calls.Claim(1, 0, 1),
            Calls.Append(1, 1, 2),
            Calls.Claim(2, 8, 10, "worker-2"),
            Calls.Append(2, 10, 11),
            Calls.Append(1, 12, 13) with { Answer = "409", Code = "ATTEMPT_LOST" });

        Assert.Equal(0, violations.Count);
    }

    [Fact]
    public void A_write_that_was_accepted_after_the_next_attempt_was_claimed_is_a_violation()
    {
        var violations = Check(TwoAttempts, Calls.Claim(1, 0, 1), Calls.Claim(2, 8, 10), Calls.Append(1, 11, 12));

        Assert.Equal(1, violations.CountFor(Invariants.OneAttemptAtATime));
    }

    [Fact]
    public void A_write_that_was_accepted_after_a_write_of_the_next_attempt_is_a_violation()
    {
        var violations = Check(TwoAttempts, Calls.Claim(1, 0, 1), Calls.Append(2, 9, 10), Calls.Append(1, 11, 12));

        Assert.Equal(1, violations.CountFor(Invariants.OneAttemptAtATime));
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("release")]
    [InlineData("session")]
    public void Every_kind_of_write_counts(string name)
    {
        var violations = Check(TwoAttempts, Calls.Claim(2, 8, 10), Calls.Create(name, 1, 11, 12));

        Assert.Equal(1, violations.CountFor(Invariants.OneAttemptAtATime));
    }

    [Fact]
    public void An_outcome_that_was_accepted_over_the_broker_after_the_next_claim_is_a_violation()
    {
        var late = Calls.Create("runs.complete-run", 1, 11, 12) with { Answer = "RunSnapshot", Changed = true };

        Assert.Equal(1, Check(TwoAttempts, Calls.Claim(2, 8, 10), late).CountFor(Invariants.OneAttemptAtATime));
        Assert.Equal(0, Check(TwoAttempts, Calls.Claim(2, 8, 10), late with { Changed = false }).Count);
    }

    [Fact]
    public void A_write_that_was_first_sent_before_the_next_attempt_is_no_violation()
    {
        var repeated = Calls.Append(1, 11, 12) with { Attempt = 2, FirstStart = 5 };

        Assert.Equal(0, Check(TwoAttempts, Calls.Claim(1, 0, 1), Calls.Claim(2, 8, 10), repeated).Count);
    }

    [Fact]
    public void An_outcome_of_a_run_that_has_ended_is_no_violation()
    {
        var late = Calls.Create("complete", 1, 11, 12) with { Status = "completed" };

        Assert.Equal(0, Check(TwoAttempts, Calls.Claim(2, 8, 10), late).Count);
    }

    [Fact]
    public void Two_claims_over_HTTP_with_the_same_attempt_are_a_violation()
    {
        var violations = Check(TwoAttempts, Calls.Claim(1, 0, 1), Calls.Claim(1, 2, 3, "worker-2"));

        Assert.Equal(1, violations.CountFor(Invariants.OneClaimPerAttempt));
    }

    [Fact]
    public void Two_claims_over_the_broker_with_the_same_attempt_are_a_violation_unless_one_repeats_the_other()
    {
        var first = Calls.BrokerClaim(1, "a", 0, 1);

        Assert.Equal(0, Check(TwoAttempts, first, Calls.BrokerClaim(1, "a", 2, 3)).Count);
        Assert.Equal(1, Check(TwoAttempts, first, Calls.BrokerClaim(1, "b", 2, 3)).CountFor(Invariants.OneClaimPerAttempt));
    }

    [Fact]
    public void An_attempt_that_was_claimed_and_is_not_stored_is_a_violation()
    {
        Assert.Equal(1, Check(TwoAttempts, Calls.Claim(3, 0, 1)).CountFor(Invariants.OneAttemptAtATime));
    }

    [Fact]
    public void An_attempt_that_was_lost_before_the_end_of_its_renewed_lease_is_a_violation()
    {
        // It ended ten seconds after the start.
        Assert.Equal(1, Check(TwoAttempts, Renewal(untilSecond: 11)).CountFor(Invariants.LeasesAreKept));
        Assert.Equal(0, Check(TwoAttempts, Renewal(untilSecond: 9)).Count);
    }

    [Fact]
    public void Clocks_that_differ_allow_an_earlier_loss()
    {
        Assert.Equal(0, Check(TwoAttempts, TimeSpan.FromSeconds(2), Renewal(untilSecond: 11)).Count);
    }

    private static CallRecord Renewal(int untilSecond) =>
        Calls.Create("renewal", 1, 1, 2) with { LeaseExpiresAt = new DateTimeOffset(StoredRuns.Start.AddSeconds(untilSecond)) };

    private static InvariantViolations Check(StoredRun run, params CallRecord[] calls) => Check(run, TimeSpan.Zero, calls);

    private static InvariantViolations Check(StoredRun run, TimeSpan clockDifference, params CallRecord[] calls)
    {
        var violations = new InvariantViolations();
        new ExecutionChecker(violations, calls, new[] { run }.ToRunsById(), _ => clockDifference).Check();
        return violations;
    }
}
