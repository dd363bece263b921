using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>The rate at which run trees are cancelled is configured.</summary>
public sealed class TreeCancelRateTests(SlowCascadeApplication application) : IClassFixture<SlowCascadeApplication>
{
    [Fact]
    public async Task A_tree_is_cancelled_completely_at_the_configured_rate()
    {
        const int Children = 15;
        var root = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(root));
        for (var i = 0; i < Children; i++)
        {
            await application.Client.Create(TestRequests.TaskBody().With("parent_run_id", root));
        }

        await application.Client.Post($"/runs/{root}/cancel");

        await Eventually.Succeeds(async () => Assert.All(await List(root), run => Assert.Equal("cancelled", run.Status)));
        var ended = (await List(root)).Select(run => run.CompletedAt!.Value).ToList();
        Assert.Equal(Children, ended.Count);
        Assert.True(ended.Max() - ended.Min() > TimeSpan.FromSeconds(1), $"{ended.Max() - ended.Min()}"); // 15 at 10 per second
    }

    private async Task<IReadOnlyList<Run>> List(string root) =>
        (await application.Store.List(new RunQuery { Tenant = "dev", ParentRunId = root }, null, 100, default)).Runs;
}
