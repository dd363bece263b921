using MongoDB.Bson;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Tests;

public sealed class AttemptCheckerTests
{
    [Fact]
    public void Counted_attempts_within_the_limit_are_no_violation()
    {
        Assert.Equal(0, Check(StoredRuns.WithAttempts("completed", "lost", "lost", "released", "completed")).Count);
    }

    [Fact]
    public void An_attempt_that_is_left_out_is_a_violation()
    {
        var run = StoredRuns.WithAttempts("completed", "lost", "lost", "completed");
        run.Document["attempts"].AsBsonArray.RemoveAt(1);
        run.Document["failed_attempts"] = 1;

        Assert.Equal(1, Check(run).CountFor(Invariants.OneAttemptAtATime));
    }

    [Fact]
    public void Two_attempts_that_have_not_ended_are_a_violation()
    {
        Assert.Equal(1, Check(StoredRuns.WithAttempts("running", null, null)).CountFor(Invariants.OneAttemptAtATime));
    }

    [Fact]
    public void More_failed_attempts_than_the_limit_and_one_are_a_violation()
    {
        var run = StoredRuns.WithAttempts("failed", "failed", "failed", "failed");
        run.Document["backoff_limit"] = 1;

        Assert.Equal(1, Check(run).CountFor(Invariants.RetryLimit));
    }

    [Fact]
    public void A_failed_attempt_that_is_not_counted_is_a_violation()
    {
        var run = StoredRuns.WithAttempts("completed", "lost", "completed");
        run.Document["failed_attempts"] = 0;

        Assert.Equal(1, Check(run).CountFor(Invariants.RetryLimit));
    }

    [Fact]
    public void The_output_of_an_attempt_that_is_not_the_last_is_a_violation()
    {
        var run = StoredRuns.WithAttempts("completed", "lost", "completed");
        run.Document["output"] = """{"attempt":1}""";

        Assert.Equal(1, Check(run).CountFor(Invariants.OneAttemptAtATime));

        run.Document["output"] = """{"attempt":2}""";
        Assert.Equal(0, Check(run).Count);
    }

    [Fact]
    public void The_failure_of_another_attempt_is_a_violation()
    {
        var run = StoredRuns.WithAttempts("completed", "failed", "completed");
        run.Document["attempts"][0]["error"] = new BsonDocument("message", "attempt 2");
        run.Document["backoff_limit"] = 1;

        Assert.Equal(1, Check(run).CountFor(Invariants.OneAttemptAtATime));
    }

    private static InvariantViolations Check(StoredRun run)
    {
        var violations = new InvariantViolations();
        new AttemptChecker(violations).Check(run);
        return violations;
    }
}
