using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    private static readonly RunQuery ProjectQuery = new() { Tenant = "dev", ProjectId = "p" };

    [Fact]
    public async Task An_empty_list_is_one_empty_page()
    {
        var page = await Store.List(ProjectQuery, null, 10, default);

        Assert.Empty(page.Runs);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task A_list_is_ordered_newest_first_and_then_by_id()
    {
        var runs = await InsertInProject(40, run => run / 8);

        var listed = (await Store.List(ProjectQuery, null, 100, default)).Runs;

        Assert.Equal(NewestFirst(runs), listed.Select(run => run.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Pages_contain_at_most_the_limit_and_the_last_page_has_no_next_cursor(int limit)
    {
        var runs = await InsertInProject(10, run => run / 4);

        var pages = await Pages(ProjectQuery, limit);

        Assert.All(pages[..^1], page => Assert.Equal(limit, page.Count));
        Assert.Equal((10 + limit - 1) / limit, pages.Count);
        Assert.Equal(NewestFirst(runs), pages.SelectMany(page => page).Select(run => run.Id));
    }

    [Fact]
    public async Task An_existing_run_is_on_exactly_one_page_while_runs_are_added()
    {
        var runs = await InsertInProject(30, run => run / 10);

        // Newer, older and equal in time to what the pages have passed.
        var pages = await Pages(ProjectQuery, 4, between: () => InsertInProject(6, run => run - 2));

        var listed = pages.SelectMany(page => page).Select(run => run.Id).ToList();
        Assert.Equal(NewestFirst(runs), listed.Where(id => runs.Exists(run => run.Id == id)));
        Assert.Equal(listed.Distinct(), listed);
    }

    [Fact]
    public async Task Spawned_runs_are_listed_by_parent_conversation_and_tool_call()
    {
        var spawned = new List<Run>();
        foreach (var call in new[] { "call-1", "call-2" })
        {
            var run = TestRuns.Create();
            run.Trigger = new RunTrigger { ConversationId = "spawner", ToolCallId = call };
            spawned.Add(await Insert(run));
        }

        await Insert(TestRuns.Create());
        var query = new RunQuery { Tenant = "dev", ParentConversationId = "spawner" };

        Assert.Equal(spawned.Select(run => run.Id).Order(), await ListIds(query));
        Assert.Equal([spawned[1].Id], await ListIds(query with { SpawnedFromToolCallId = "call-2" }));
    }

    [Fact]
    public async Task Conversation_ids_are_compared_exactly()
    {
        const string Conversation = "5c1f9a77-2f0f-4a49-8a5b-0c5e7f000003";
        var run = TestRuns.Create();
        run.ConversationId = Conversation;
        run.Trigger = new RunTrigger { ConversationId = Conversation };
        await Insert(run);
        var inConversation = new RunQuery { Tenant = "dev", ConversationId = Conversation };
        var spawned = new RunQuery { Tenant = "dev", ParentConversationId = Conversation };

        Assert.Equal([run.Id], await ListIds(inConversation));
        Assert.Equal([run.Id], await ListIds(spawned));
        Assert.Empty(await ListIds(inConversation with { ConversationId = Conversation.ToUpperInvariant() }));
        Assert.Empty(await ListIds(spawned with { ParentConversationId = Conversation.ToUpperInvariant() }));
    }

    [Fact]
    public async Task Runs_are_found_by_their_input_requests()
    {
        var full = TestRuns.CreateFull();
        var asking = TestRuns.Create();
        asking.ConversationId = full.ConversationId;
        asking.InputRequests = [full.InputRequests[0] with { Id = RunIds.ForRun("a", "other"), Status = InputRequestStatuses.Open }];
        var silent = TestRuns.Create();
        silent.ConversationId = full.ConversationId;
        var (answered, open, _) = (await Insert(full), await Insert(asking), await Insert(silent));
        var query = new RunQuery { Tenant = "dev", ConversationId = full.ConversationId };

        Assert.Equal(new[] { answered.Id, open.Id }.Order(), await ListIds(query with { HasInputRequests = true }));
        Assert.Equal([open.Id], await ListIds(query with { InputRequestStatus = InputRequestStatuses.Open }));
        Assert.Equal([answered.Id], await ListIds(query with { InputRequestId = full.InputRequests[0].Id }));
        Assert.Empty(await ListIds(query with { InputRequestId = Guid.Empty }));
    }

    [Fact]
    public async Task A_list_contains_exactly_the_runs_of_its_selector_and_filters()
    {
        foreach (var tenant in new[] { "dev", "other" })
        {
            for (var i = 0; i < 16; i++)
            {
                var run = TestRuns.Create(tenant);
                run.Kind = (i & 1) == 0 ? RunKinds.Agent : RunKinds.Task;
                run.Status = (i & 2) == 0 ? RunStatuses.Pending : RunStatuses.Completed;
                run.ProjectId = (i & 4) == 0 ? "p" : null;
                run.ConversationId = (i & 4) == 0 ? null : "c";
                run.ParentRunId = (i & 8) == 0 ? "parent" : null;
                await Insert(run);
            }
        }

        await AssertCount(8, ProjectQuery, run => run.ProjectId == "p");
        await AssertCount(8, ProjectQuery with { Tenant = "other" }, run => run.ProjectId == "p");
        await AssertCount(0, ProjectQuery with { Tenant = "none" }, _ => false);
        await AssertCount(0, ProjectQuery with { ProjectId = "q" }, _ => false);
        await AssertCount(8, new RunQuery { Tenant = "dev", ConversationId = "c" }, run => run.ConversationId == "c");
        await AssertCount(8, new RunQuery { Tenant = "dev", ParentRunId = "parent" }, run => run.ParentRunId == "parent");
        await AssertCount(4, ProjectQuery with { Kind = RunKinds.Task }, run => run.Kind == RunKinds.Task);
        await AssertCount(4, ProjectQuery with { Status = RunStatuses.Completed }, run => run.Status == RunStatuses.Completed);
        await AssertCount(
            2,
            ProjectQuery with { Kind = RunKinds.Task, Status = RunStatuses.Pending },
            run => run is { Kind: RunKinds.Task, Status: RunStatuses.Pending });
        await AssertCount(0, ProjectQuery with { Kind = RunKinds.Eval }, _ => false);

        async Task AssertCount(int count, RunQuery query, Predicate<Run> isExpected)
        {
            var page = await Store.List(query, null, 100, default);
            Assert.Equal(count, page.Runs.Count);
            Assert.All(page.Runs, run => Assert.True(run.Tenant == query.Tenant && isExpected(run)));
        }
    }

    [Fact]
    public async Task A_page_of_large_runs_is_shorter_and_no_run_is_skipped()
    {
        var runs = new List<Run>();
        for (var i = 0; i < 5; i++)
        {
            var run = CreateLargeRun(5);
            run.ProjectId = "p";
            runs.Add(await Insert(run));
        }

        var pages = await Pages(ProjectQuery, 10);

        Assert.Equal([3, 2], pages.Select(page => page.Count));
        Assert.Equal(NewestFirst(runs), pages.SelectMany(page => page).Select(run => run.Id));
    }

    [Fact]
    public async Task A_listed_run_has_every_member()
    {
        var run = await Insert(TestRuns.CreateFull());

        var page = await Store.List(new RunQuery { Tenant = run.Tenant, ProjectId = run.ProjectId }, null, 1, default);

        TestRuns.AssertEqual(run, Assert.Single(page.Runs));
    }

    private async Task<List<Run>> InsertInProject(int count, Func<int, int> second)
    {
        var runs = Enumerable.Range(0, count).Select(i =>
        {
            var run = TestRuns.Create();
            run.ProjectId = ProjectQuery.ProjectId;
            run.CreatedAt = TestRuns.Noon.AddSeconds(second(i));
            return run;
        }).ToList();
        await Task.WhenAll(runs.Select(run => Insert(run)));
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

            // Limited, so that the runs that are added do not keep the reader reading.
            await (pages.Count < 10 && between is not null ? between() : Task.CompletedTask);
        }
        while (after is not null);

        return pages;
    }

    private async Task<IEnumerable<Guid>> ListIds(RunQuery query) =>
        (await Store.List(query, null, 10, default)).Runs.Select(run => run.Id).Order();

    private static IEnumerable<Guid> NewestFirst(IEnumerable<Run> runs) => runs
        .OrderByDescending(run => run.CreatedAt)
        .ThenByDescending(run => run.Id.ToString(), StringComparer.Ordinal)
        .Select(run => run.Id);
}
