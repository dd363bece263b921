using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    private static readonly DateTimeOffset Later = TestRuns.Noon.AddHours(1);

    private async Task<IReadOnlyList<Run>> ListWithPendingOutbox()
    {
        var listed = await Store.ListWithOutbox(null, 10, default);
        var runs = await Store.ReadOutboxes([.. listed.Select(run => run.Id), TestRuns.Create().Id], default);
        Assert.Equal(listed.Select(run => run.Id).Order(), runs.Select(run => run.Id).Order());
        return runs;
    }

    [Fact]
    public async Task A_run_with_pending_outbox_messages_is_listed_with_all_of_them()
    {
        var run = await Insert(WithMessages("1", "2"));
        await Insert(TestRuns.Create());

        Assert.Equal(run.Outbox, Assert.Single(await ListWithPendingOutbox()).Outbox);
    }

    [Fact]
    public async Task ReadOutboxes_returns_ids_and_outbox_only()
    {
        var run = await Insert(WithMessagesOf(TestRuns.CreateFull(), "1"));

        var found = Assert.Single(await ListWithPendingOutbox());

        TestRuns.AssertEqual(new Run { Id = run.Id, Tenant = run.Tenant, RunId = run.RunId, Outbox = run.Outbox }, found);
    }

    [Fact]
    public async Task Large_outboxes_are_read_in_batches()
    {
        var unread = new HashSet<Guid>();
        for (var i = 0; i < 20; i++)
        {
            var run = TestRuns.Create();
            run.Outbox = [TestRuns.CreateMessage("1") with { Body = new RawJson($"\"{new string('x', 1_500_000)}\"") }];
            unread.Add((await Insert(run)).Id);
        }

        while (unread.Count > 0)
        {
            var runs = await Store.ReadOutboxes(unread, default);
            Assert.InRange(runs.Count, 1, 19); // 16 million characters, and the rest of the last batch
            Assert.All(runs, run => Assert.True(unread.Remove(run.Id)));
        }
    }

    [Fact]
    public async Task Dispatched_messages_are_removed_and_pending_ones_kept()
    {
        var run = await Insert(WithMessages("1", "2", "3"));

        await Store.ClearOutbox([Dispatched(run, "2")], default);

        var found = Assert.Single(await ListWithPendingOutbox());
        Assert.Equal(WithMessagesOf(run, "1", "3").Outbox, found.Outbox);
    }

    [Fact]
    public async Task A_run_with_a_cleared_outbox_is_otherwise_unchanged()
    {
        var runs = new[] { await Insert(WithMessages("1", "2")), await Insert(WithMessages("3")), await Insert(WithMessages("4")) };

        await Store.ClearOutbox([Dispatched(runs[0], "1", "2"), Dispatched(runs[1], "3"), Dispatched(runs[2], "4")], default);

        Assert.Empty(await ListWithPendingOutbox());
        foreach (var run in runs)
        {
            TestRuns.AssertEqual(WithMessagesOf(run), await Store.Find(run.Id, default));
        }
    }

    [Fact]
    public async Task Clearing_absent_messages_changes_nothing()
    {
        var run = await Insert(WithMessages("1"));
        var quiet = await Insert(TestRuns.Create());

        await Store.ClearOutbox([], default);
        await Store.ClearOutbox(
            [
                Dispatched(run, "never"),
                Dispatched(quiet, "other"),
                Dispatched(TestRuns.Create(), "other"),
                Dispatched(run),
            ],
            default);

        Assert.Equal(run.Outbox, Assert.Single(await ListWithPendingOutbox()).Outbox);
        TestRuns.AssertEqual(quiet, await Store.Find(quiet.Id, default));
    }

    [Fact]
    public async Task Clearing_does_not_conflict_with_the_next_replace()
    {
        var run = await Insert(WithMessages("1"));
        await Store.ClearOutbox([Dispatched(run, "1")], default);

        var next = run.NextVersion(next => next.Outbox = [TestRuns.CreateMessage("2")]);
        Assert.True(await Store.TryReplace(next, RunVersion.From(run), default));

        Assert.Equal([TestRuns.CreateMessage("2")], Assert.Single(await ListWithPendingOutbox()).Outbox);
    }

    [Fact]
    public async Task A_replace_of_a_run_read_before_clearing_restores_its_messages()
    {
        var run = await Insert(WithMessages("1"));

        // In both orders, the message that the replace adds is kept.
        var next = run.NextVersion(next => next.Outbox = [.. run.Outbox, TestRuns.CreateMessage("2")]);
        await Task.WhenAll(Store.ClearOutbox([Dispatched(run, "1")], default), Store.TryReplace(next, RunVersion.From(run), default));

        var found = await Store.Find(run.Id, default);
        Assert.Equal(next.Version, found!.Version);
        Assert.Contains(TestRuns.CreateMessage("2"), found.Outbox);
    }

    [Fact]
    public async Task A_replace_without_messages_empties_the_outbox()
    {
        var run = await Insert(WithMessages("1"));

        Assert.True(await Store.TryReplace(run.NextVersion(next => next.Outbox = []), RunVersion.From(run), default));

        Assert.Empty(await ListWithPendingOutbox());
    }

    [Fact]
    public async Task Runs_with_pending_outboxes_are_paged_while_runs_are_added()
    {
        var runs = new List<Run>();
        for (var i = 0; i < 7; i++)
        {
            var run = WithMessagesOf(TestRuns.Create(i % 2 == 0 ? "dev" : "other"), "1");
            run.UpdatedAt = TestRuns.Noon.AddHours((i * 3) % 5); // some in the future
            runs.Add(await Insert(run));
        }

        var found = new List<RunWithOutbox>();
        IReadOnlyList<RunWithOutbox> page = [];
        do
        {
            page = await Store.ListWithOutbox(page is [.., var last] ? last : null, 2, default);
            found.AddRange(page);
            await Insert(WithMessagesOf(TestRuns.Create("zoe"), "1"));
        }
        while (page.Count == 2 && found.Count < 30);

        Assert.Equal(runs.Select(run => run.Id).Order(), found.Where(run => run.Tenant != "zoe").Select(run => run.Id).Order());
        Assert.All(found.Where(run => run.Tenant != "zoe"), run => Assert.Equal(1, run.Version));
        Assert.Equal(found.Select(run => run.Tenant).Order(StringComparer.Ordinal), found.Select(run => run.Tenant));
    }

    [Fact]
    public async Task Due_runs_are_paged_most_overdue_first_without_excluded_tenants()
    {
        foreach (var (tenant, minutes) in new (string, int?[])[] { ("dev", [3, 1, null, 4, 0, 2, null]), ("other", [1, 2]) })
        {
            foreach (var minute in minutes)
            {
                var run = TestRuns.Create(tenant);
                run.DueAt = minute is null ? null : TestRuns.Noon.AddMinutes(minute.Value);
                await Insert(run);
            }
        }

        var first = await Due(3);
        Assert.Equal([0, 1, 1], first.Select(MinutesAfterNoon));
        var second = await Due(3, first[^1]);
        Assert.Equal([2, 2, 3], second.Select(MinutesAfterNoon));
        Assert.Empty(await Due(3, second[^1]));
        Assert.Equal(6, first.Concat(second).Select(run => run.Id).Distinct().Count());
        Assert.Equal([0, 1, 2, 3], (await Due(10, null, "other")).Select(MinutesAfterNoon));
        Assert.Empty(await Due(10, null, "other", "dev"));
        Assert.Empty(await Store.ListDue(TestRuns.Noon.AddMilliseconds(-1), null, [], 10, default));
        Assert.Equal(7, (await Store.ListDue(DateTimeOffset.MaxValue, null, [], 10, default)).Count);
        Assert.All(first, run => Assert.Equal(run.Id, RunIds.ForRun(run.Tenant, run.RunId)));

        Task<IReadOnlyList<DueRun>> Due(int limit, DueRun? after = null, params string[] except) =>
            Store.ListDue(TestRuns.Noon.AddMinutes(3), after, except, limit, default);

        static int MinutesAfterNoon(DueRun run) => (int)(run.DueAt - TestRuns.Noon).TotalMinutes;
    }

    [Fact]
    public async Task A_run_that_is_no_longer_due_is_not_listed()
    {
        var run = TestRuns.Create();
        run.DueAt = TestRuns.Noon;
        await Insert(run);

        Assert.True(await Store.TryReplace(run.NextVersion(next => next.DueAt = null), RunVersion.From(run), default));

        Assert.Empty(await Store.ListDue(Later, null, [], 10, default));
    }

    private static Run WithMessages(params string[] names) => WithMessagesOf(TestRuns.Create(), names);

    private static Run WithMessagesOf(Run run, params string[] names)
    {
        run.Outbox = [.. names.Select(TestRuns.CreateMessage)];
        return run;
    }

    private static DispatchedMessages Dispatched(Run run, params string[] names) =>
        new(run.Id, [.. names.Select(name => TestRuns.CreateMessage(name).MessageId)]);
}
