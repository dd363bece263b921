using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Children_of_several_runs_are_paged_once_each_while_runs_are_added(int limit)
    {
        var parents = new[] { "b", "a", "none", "c" };
        var children = new List<Run>();
        foreach (var (parent, count) in new[] { ("a", 5), ("b", 1), ("c", 4), ("elsewhere", 2) })
        {
            for (var i = 0; i < count; i++)
            {
                children.Add(await Insert(ChildOf(parent, minute: i / 2)));
            }
        }

        await Insert(ChildOf("a", minute: 0, tenant: "other"));
        await Insert(TestRuns.Create());

        var found = new List<ChildRun>();
        IReadOnlyList<ChildRun> page = [];
        do
        {
            page = await Store.ListChildren("dev", parents, page is [.., var last] ? last : null, limit, default);
            Assert.InRange(page.Count, 0, limit);
            found.AddRange(page);
            await Insert(ChildOf("d", minute: 9));
        }
        while (page.Count == limit);

        Assert.Equal(
            children
                .Where(child => child.ParentRunId != "elsewhere")
                .Select(child => (child.Id, child.RunId, child.ParentRunId!, child.Status))
                .Order(),
            found.Select(child => (child.Id, child.RunId, child.ParentRunId, child.Status)).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task The_runs_below_a_root_are_paged_in_the_order_of_their_creation(int limit)
    {
        var root = await Insert(TestRuns.Create());
        var descendants = new List<Run>();
        for (var i = 0; i < 10; i++)
        {
            descendants.Add(await Insert(DescendantOf(root, parent: i == 0 ? root : descendants[i / 2], minute: (10 - i) / 2)));
        }

        var ended = DescendantOf(root, root, minute: 2);
        ended.Status = RunStatuses.Completed;
        descendants.Add(await Insert(ended));
        await Insert(DescendantOf(TestRuns.Create(), root, minute: 2)); // of another tree
        await Insert(DescendantOf(root, root, minute: 2, tenant: "other"));

        var found = new List<ChildRun>();
        IReadOnlyList<ChildRun> page = [];
        do
        {
            page = await Store.ListDescendants("dev", root.RunId, page is [.., var last] ? last : null, limit, default);
            Assert.InRange(page.Count, 0, limit);
            found.AddRange(page);
        }
        while (page.Count == limit);

        Assert.Equal(
            descendants
                .OrderBy(run => run.CreatedAt)
                .ThenBy(run => run.Id.ToString(), StringComparer.Ordinal)
                .Select(run => new ChildRun(run.Id, run.RunId, run.ParentRunId!, run.Status, run.CreatedAt)),
            found);
        Assert.Empty(await Store.ListDescendants("dev", descendants[0].RunId, null, limit, default));
    }

    [Fact]
    public async Task Statuses_of_runs_are_read_as_stored()
    {
        var (pending, ended) = (await Insert(TestRuns.Create()), TestRuns.Create());
        ended.Status = RunStatuses.Cancelled;
        await Insert(ended);

        var statuses = await Store.GetStatuses([pending.Id, ended.Id, TestRuns.Create().Id], default);

        Assert.Equal(new Dictionary<Guid, string> { [pending.Id] = RunStatuses.Pending, [ended.Id] = RunStatuses.Cancelled }, statuses);
    }

    private static Run DescendantOf(Run root, Run parent, int minute, string tenant = "dev")
    {
        var run = ChildOf(parent.RunId, minute, tenant);
        run.RootRunId = root.RunId;
        return run;
    }

    private static Run ChildOf(string parent, int minute, string tenant = "dev")
    {
        var run = TestRuns.Create(tenant);
        run.ParentRunId = parent;
        run.CreatedAt = TestRuns.Noon.AddMinutes(minute);
        return run;
    }
}
