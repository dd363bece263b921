using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    private static readonly RunQuery OfProject = new() { Tenant = "dev", ProjectId = "p" };

    [Fact]
    public async Task A_list_of_nothing_is_one_empty_page()
    {
        var page = await Store.List(OfProject, null, 10, default);

        Assert.Empty(page.Runs);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task A_list_is_newest_first_and_settles_equal_times_by_id()
    {
        var runs = await InsertedInProject(40, run => run / 8);

        var listed = (await Store.List(OfProject, null, 100, default)).Runs;

        Assert.Equal(NewestFirst(runs), listed.Select(run => run.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Pages_hold_at_most_the_limit_and_the_last_says_so(int limit)
    {
        var runs = await InsertedInProject(10, run => run / 4);

        var pages = await Pages(OfProject, limit);

        Assert.All(pages[..^1], page => Assert.Equal(limit, page.Count));
        Assert.Equal((10 + limit - 1) / limit, pages.Count);
        Assert.Equal(NewestFirst(runs), pages.SelectMany(page => page).Select(run => run.Id));
    }

    [Fact]
    public async Task A_run_that_was_there_is_on_exactly_one_page_while_runs_are_added()
    {
        var runs = await InsertedInProject(30, run => run / 10);

        // Newer, older and equal in time to what the pages have passed.
        var pages = await Pages(OfProject, 4, between: () => InsertedInProject(6, run => run - 2));

        var listed = pages.SelectMany(page => page).Select(run => run.Id).ToList();
        Assert.Equal(NewestFirst(runs), listed.Where(id => runs.Exists(run => run.Id == id)));
        Assert.Equal(listed.Distinct(), listed);
    }

    [Fact]
    public async Task The_runs_that_a_conversation_spawned_are_listed_by_it_and_by_the_tool_call()
    {
        var spawned = new List<Run>();
        foreach (var call in new[] { "call-1", "call-2" })
        {
            var run = StoredRun.New();
            run.Trigger = new RunTrigger { ConversationId = "spawner", ToolCallId = call };
            spawned.Add(await Inserted(run));
        }

        await Inserted(StoredRun.New());
        var query = new RunQuery { Tenant = "dev", ParentConversationId = "spawner" };

        Assert.Equal(spawned.Select(run => run.Id).Order(), (await Store.List(query, null, 10, default)).Runs.Select(run => run.Id).Order());
        Assert.Equal(
            [spawned[1].Id], (await Store.List(query with { SpawnedFromToolCallId = "call-2" }, null, 10, default)).Runs.Select(run => run.Id));
    }

    [Fact]
    public async Task Runs_are_found_by_what_they_asked_for()
    {
        var full = StoredRun.Full();
        var asking = StoredRun.New();
        asking.ConversationId = full.ConversationId;
        asking.InputRequests = [full.InputRequests[0] with { Id = RunKey.Of("a", "other"), Status = InputRequestStatuses.Open }];
        var silent = StoredRun.New();
        silent.ConversationId = full.ConversationId;
        var (answered, open, _) = (await Inserted(full), await Inserted(asking), await Inserted(silent));
        var query = new RunQuery { Tenant = "dev", ConversationId = full.ConversationId };

        async Task<IEnumerable<Guid>> Found(RunQuery wanted) => (await Store.List(wanted, null, 10, default)).Runs.Select(run => run.Id).Order();

        Assert.Equal(new[] { answered.Id, open.Id }.Order(), await Found(query with { HasInputRequests = true }));
        Assert.Equal([open.Id], await Found(query with { InputRequestStatus = InputRequestStatuses.Open }));
        Assert.Equal([answered.Id], await Found(query with { InputRequestId = full.InputRequests[0].Id }));
        Assert.Empty(await Found(query with { InputRequestId = Guid.Empty }));
    }

    [Fact]
    public async Task A_list_has_what_its_selector_and_its_filters_say()
    {
        foreach (var tenant in new[] { "dev", "other" })
        {
            for (var i = 0; i < 16; i++)
            {
                var run = StoredRun.New(tenant);
                run.Kind = (i & 1) == 0 ? RunKinds.Agent : RunKinds.Task;
                run.Status = (i & 2) == 0 ? RunStatuses.Pending : RunStatuses.Completed;
                run.ProjectId = (i & 4) == 0 ? "p" : null;
                run.ConversationId = (i & 4) == 0 ? null : "c";
                run.ParentRunId = (i & 8) == 0 ? "parent" : null;
                await Inserted(run);
            }
        }

        async Task Has(int count, RunQuery query, Predicate<Run> selected)
        {
            var page = await Store.List(query, null, 100, default);
            Assert.Equal(count, page.Runs.Count);
            Assert.All(page.Runs, run => Assert.True(run.Tenant == query.Tenant && selected(run)));
        }

        await Has(8, OfProject, run => run.ProjectId == "p");
        await Has(8, OfProject with { Tenant = "other" }, run => run.ProjectId == "p");
        await Has(0, OfProject with { Tenant = "nobody" }, _ => false);
        await Has(0, OfProject with { ProjectId = "q" }, _ => false);
        await Has(8, new RunQuery { Tenant = "dev", ConversationId = "c" }, run => run.ConversationId == "c");
        await Has(8, new RunQuery { Tenant = "dev", ParentRunId = "parent" }, run => run.ParentRunId == "parent");
        await Has(4, OfProject with { Kind = RunKinds.Task }, run => run.Kind == RunKinds.Task);
        await Has(4, OfProject with { Status = RunStatuses.Completed }, run => run.Status == RunStatuses.Completed);
        await Has(2, OfProject with { Kind = RunKinds.Task, Status = RunStatuses.Pending }, run => run is { Kind: RunKinds.Task, Status: RunStatuses.Pending });
        await Has(0, OfProject with { Kind = RunKinds.Eval }, _ => false);
    }

    [Fact]
    public async Task A_page_of_large_runs_is_short_and_loses_none()
    {
        var runs = new List<Run>();
        for (var i = 0; i < 5; i++)
        {
            var run = Large(5);
            run.ProjectId = "p";
            runs.Add(await Inserted(run));
        }

        var pages = await Pages(OfProject, 10);

        Assert.Equal([3, 2], pages.Select(page => page.Count));
        Assert.Equal(NewestFirst(runs), pages.SelectMany(page => page).Select(run => run.Id));
    }

    [Fact]
    public async Task A_listed_run_has_every_member()
    {
        var run = await Inserted(StoredRun.Full());

        var page = await Store.List(new RunQuery { Tenant = run.Tenant, ProjectId = run.ProjectId }, null, 1, default);

        StoredRun.AssertSame(run, Assert.Single(page.Runs));
    }

    private async Task<List<Run>> InsertedInProject(int count, Func<int, int> second)
    {
        var runs = Enumerable.Range(0, count).Select(i =>
        {
            var run = StoredRun.New();
            run.ProjectId = OfProject.ProjectId;
            run.CreatedAt = StoredRun.Noon.AddSeconds(second(i));
            return run;
        }).ToList();
        await Task.WhenAll(runs.Select(Inserted));
        return runs;
    }

    private async Task<List<IReadOnlyList<Run>>> Pages(RunQuery query, int limit, Func<Task>? between = null)
    {
        var pages = new List<IReadOnlyList<Run>>();
        RunCursor? after = null;
        do
        {
            var page = await Store.List(query, after, limit, default);
            Assert.NotEmpty(page.Runs);
            pages.Add(page.Runs);
            after = page.Next;

            // Bounded: what is added while reading must not keep the reader reading.
            await (pages.Count < 10 && between is not null ? between() : Task.CompletedTask);
        }
        while (after is not null);

        return pages;
    }

    private static IEnumerable<Guid> NewestFirst(IEnumerable<Run> runs) =>
        runs.OrderByDescending(run => run.CreatedAt).ThenByDescending(run => run.Id.ToString(), StringComparer.Ordinal).Select(run => run.Id);
}
