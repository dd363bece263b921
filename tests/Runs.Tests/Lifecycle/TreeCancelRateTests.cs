using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>How fast trees are cancelled is the operator's choice.</summary>
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
        Assert.True(ended.Max() - ended.Min() > TimeSpan.FromSeconds(1), $"{ended.Max() - ended.Min()}"); // 15 at 10 a second
    }

    [Theory]
    [InlineData(10)]
    [InlineData(19)]
    [InlineData(1_005)]
    [InlineData(100_000)]
    public void The_rate_is_read_from_configuration(int perSecond)
    {
        using var limiter = CascadeRate.CreateLimiter(perSecond, maxWaiting: 32);

        Assert.Equal(perSecond, limiter.GetStatistics()!.CurrentAvailablePermits / limiter.ReplenishmentPeriod.TotalSeconds, perSecond * 0.001);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(50, 5)]
    [InlineData(1_000, 100)]
    [InlineData(100_000, 100)]
    public void The_messages_of_a_tenth_of_a_second_are_sent_at_once_and_those_of_a_hundred_runs_at_most(int perSecond, int size) =>
        Assert.Equal(size, CascadeRate.GetPageSize(perSecond));

    private async Task<IReadOnlyList<Run>> List(string root) =>
        (await application.Store.List(new RunQuery { Tenant = "dev", ParentRunId = root }, null, 100, default)).Runs;
}

/// <summary>A server that cancels ten runs of trees a second.</summary>
public sealed class SlowCascadeApplication : EmbeddedApplication
{
    protected override async Task<Dictionary<string, string?>> CreateSettings() => new(await base.CreateSettings()) { ["Lifecycle:MaxCascadedCancelsPerSecond"] = "10" };
}
