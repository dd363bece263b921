using MongoDB.Bson;
using Runs.FaultInjection.Checking;

namespace Runs.FaultInjection.Tests;

public sealed class ReadinessCheckerTests
{
    [Theory]
    [InlineData("""{ "status": "pending" }""", true)]
    [InlineData("""{ "status": "pending", "start_after": 1 }""", false)]
    [InlineData("""{ "status": "pending", "kind": "agent" }""", false)] // a reservation
    [InlineData("""{ "status": "pending", "kind": "agent", "input": "{}" }""", true)]
    [InlineData("""{ "status": "running" }""", false)]
    [InlineData("""{ "status": "running", "phase": "retrying" }""", true)]
    [InlineData("""{ "status": "running", "phase": "retrying", "retry_at": 1 }""", false)]
    [InlineData("""{ "status": "waiting" }""", false)]
    [InlineData("""{ "status": "failed" }""", false)]
    public void A_run_that_workers_find_although_it_is_not_ready_or_the_other_way_round_is_a_violation(string members, bool isReady)
    {
        var found = BsonDocument.Parse(members).Merge(new BsonDocument { ["claim_rank"] = 1, ["claim_pool"] = "-/task:a" });

        Assert.Equal(isReady ? 0 : 1, Count(found));
        Assert.Equal(isReady ? 1 : 0, Count(BsonDocument.Parse(members)));
    }

    private static int Count(BsonDocument members)
    {
        var violations = new InvariantViolations();
        new ReadinessChecker(violations).Check(StoredRuns.Create(members));
        return violations.CountFor(Invariants.ClaimableIfReady);
    }
}
