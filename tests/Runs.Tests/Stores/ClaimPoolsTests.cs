using Runs.Store;

namespace Runs.Tests.Stores;

public sealed class ClaimPoolsTests
{
    [Theory]
    [InlineData("p", "task:t", null, null, null, "p/task:t", "p/task:*")]
    [InlineData(null, "agent:a", null, null, "c", "-/agent:a", "-/task:*")]
    [InlineData("p", "agent:a", "python", null, "c", "p/impl:python", null)]
    [InlineData("p", "agent:a", "python", "worker-1", "c", "p/impl:python/worker-1", null)]
    [InlineData("p", "agent:a", "python", "worker-1", null, "p/impl:python/worker-1#headless", null)]
    [InlineData("p", "agent:a", null, "worker-1", null, "p/agent:a", "p/task:*")]
    [InlineData("p", null, null, null, null, null, null)]
    public void A_run_is_in_the_pool_of_its_implementation_or_of_its_target(
        string? project, string? target, string? implementation, string? workerKey, string? conversation, string? pool, string? kindPool)
    {
        var run = TestRuns.Create();
        (run.Kind, run.ProjectId, run.Target) = ("task", project, target);
        (run.ImplementationKind, run.WorkerKey, run.ConversationId) = (implementation, workerKey, conversation);

        Assert.Equal((pool, kindPool), (ClaimPools.GetPool(run), ClaimPools.GetKindPool(run)));
    }
}
