using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task The_children_of_several_runs_are_listed_page_by_page_each_once_whatever_is_added(int limit)
    {
        var parents = new[] { "b", "a", "none", "c" };
        var children = new List<Run>();
        foreach (var (parent, count) in new[] { ("a", 5), ("b", 1), ("c", 4), ("elsewhere", 2) })
        {
            for (var i = 0; i < count; i++)
            {
                children.Add(await Inserted(ChildOf(parent, minute: i / 2)));
            }
        }

        await Inserted(ChildOf("a", minute: 0, tenant: "other"));
        await Inserted(StoredRun.New());

        var found = new List<ChildRun>();
        IReadOnlyList<ChildRun> page = [];
        do
        {
            page = await Store.Children("dev", parents, page is [.., var last] ? last : null, limit, default);
            Assert.InRange(page.Count, 0, limit);
            found.AddRange(page);
            await Inserted(ChildOf("d", minute: 9));
        }
        while (page.Count == limit);

        Assert.Equal(
            children.Where(child => child.ParentRunId != "elsewhere").Select(child => (child.Id, child.RunId, child.ParentRunId!, child.Status)).Order(),
            found.Select(child => (child.Id, child.RunId, child.ParentRunId, child.Status)).Order());
    }

    [Fact]
    public async Task The_statuses_of_runs_are_those_that_are_stored()
    {
        var (pending, ended) = (await Inserted(StoredRun.New()), StoredRun.New());
        ended.Status = RunStatuses.Cancelled;
        await Inserted(ended);

        var statuses = await Store.Statuses([pending.Id, ended.Id, StoredRun.New().Id], default);

        Assert.Equal(new Dictionary<Guid, string> { [pending.Id] = RunStatuses.Pending, [ended.Id] = RunStatuses.Cancelled }, statuses);
    }

    private static Run ChildOf(string parent, int minute, string tenant = "dev")
    {
        var run = StoredRun.New(tenant);
        run.ParentRunId = parent;
        run.CreatedAt = StoredRun.Noon.AddMinutes(minute);
        return run;
    }
}
