using MongoDB.Bson;
using Runs.FaultInjection.Checking;

namespace Runs.FaultInjection.Tests;

public sealed class ExecutionLogCheckerTests
{
    [Fact]
    public void Events_within_their_attempts_are_no_violation()
    {
        var violations = Check(
            StoredRuns.Event("run_1/a1/0"),
            StoredRuns.AttemptEvent(1, "failed"),
            StoredRuns.AttemptEvent(2, "started"),
            StoredRuns.Event("run_1/a2/0"),
            StoredRuns.Event("another name"),
            StoredRuns.AttemptEvent(2, "suspended"),
            StoredRuns.AttemptEvent(3, "started"));

        Assert.Equal(0, violations.Count);
    }

    [Fact]
    public void An_event_of_an_attempt_after_its_end_is_a_violation()
    {
        var violations = Check(StoredRuns.AttemptEvent(1, "lost"), StoredRuns.Event("run_1/a1/0"));

        Assert.Equal(1, violations.CountFor(Invariants.OneAttemptAtATime));
    }

    [Fact]
    public void An_event_of_an_attempt_after_the_next_one_began_is_a_violation()
    {
        var violations = Check(StoredRuns.AttemptEvent(1, "lost"), StoredRuns.AttemptEvent(2, "started"), StoredRuns.Event("run_1/a1/0"));

        Assert.Equal(1, violations.CountFor(Invariants.OneAttemptAtATime));
    }

    [Fact]
    public void An_event_of_an_attempt_before_it_began_is_a_violation()
    {
        Assert.Equal(1, Check(StoredRuns.Event("run_1/a2/0")).CountFor(Invariants.OneAttemptAtATime));
    }

    [Theory]
    [InlineData(1, "lost", 3, "started")] // a number is left out
    [InlineData(1, "lost", 1, "lost")] // an attempt ends twice
    [InlineData(2, "started", 2, "failed")] // the first attempt has not ended
    public void Attempts_out_of_order_are_a_violation(int first, string firstState, int second, string secondState)
    {
        var violations = Check(StoredRuns.AttemptEvent(first, firstState), StoredRuns.AttemptEvent(second, secondState));

        Assert.Equal(1, violations.CountFor(Invariants.OneAttemptAtATime));
    }

    private static InvariantViolations Check(params BsonDocument[] log)
    {
        var violations = new InvariantViolations();
        new ExecutionLogChecker(violations).Check(StoredRuns.Create([], log));
        return violations;
    }
}
