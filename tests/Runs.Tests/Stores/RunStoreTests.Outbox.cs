using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    private static readonly DateTimeOffset Later = StoredRun.Noon.AddHours(1);

    private async Task<IReadOnlyList<Run>> Unsent()
    {
        var unsent = await Store.Unsent(null, 10, default);
        var runs = await Store.WithOutbox([.. unsent.Select(run => run.Id), StoredRun.New().Id], default);
        Assert.Equal(unsent.Select(run => run.Id).Order(), runs.Select(run => run.Id).Order());
        return runs;
    }

    [Fact]
    public async Task A_run_with_messages_to_send_is_found_with_all_of_them()
    {
        var run = await Inserted(WithMessages("1", "2"));
        await Inserted(StoredRun.New());

        Assert.Equal(run.Outbox, Assert.Single(await Unsent()).Outbox);
    }

    [Fact]
    public async Task WithOutbox_returns_ids_and_outbox_only()
    {
        var run = await Inserted(WithMessagesOf(StoredRun.Full(), "1"));

        var found = Assert.Single(await Unsent());

        StoredRun.AssertSame(new Run { Id = run.Id, Tenant = run.Tenant, RunId = run.RunId, Outbox = run.Outbox }, found);
    }

    [Fact]
    public async Task Large_outboxes_are_read_in_parts()
    {
        var left = new HashSet<Guid>();
        for (var i = 0; i < 20; i++)
        {
            var run = StoredRun.New();
            run.Outbox = [StoredRun.Message("1") with { Body = new RawJson($"\"{new string('x', 1_500_000)}\"") }];
            left.Add((await Inserted(run)).Id);
        }

        for (var parts = 0; left.Count > 0; parts++)
        {
            var runs = await Store.WithOutbox(left, default);
            Assert.InRange(runs.Count, 1, 19); // 16 million characters, and what came with the last of them
            Assert.All(runs, run => Assert.True(left.Remove(run.Id)));
        }
    }

    [Fact]
    public async Task Messages_that_were_sent_are_gone_and_the_others_stay()
    {
        var run = await Inserted(WithMessages("1", "2", "3"));

        await Store.ClearOutbox([Sent(run, "2")], default);

        var left = Assert.Single(await Unsent());
        Assert.Equal(WithMessagesOf(run, "1", "3").Outbox, left.Outbox);
    }

    [Fact]
    public async Task A_run_whose_messages_were_all_sent_has_nothing_to_send_and_is_otherwise_unchanged()
    {
        var runs = new[] { await Inserted(WithMessages("1", "2")), await Inserted(WithMessages("3")), await Inserted(WithMessages("4")) };

        await Store.ClearOutbox([Sent(runs[0], "1", "2"), Sent(runs[1], "3"), Sent(runs[2], "4")], default);

        Assert.Empty(await Unsent());
        foreach (var run in runs)
        {
            StoredRun.AssertSame(WithMessagesOf(run), await Store.Find(run.Id, default));
        }
    }

    [Fact]
    public async Task Clearing_what_is_not_there_does_no_harm()
    {
        var run = await Inserted(WithMessages("1"));
        var quiet = await Inserted(StoredRun.New());

        await Store.ClearOutbox([], default);
        await Store.ClearOutbox([Sent(run, "never"), Sent(quiet, "other"), Sent(StoredRun.New(), "other"), Sent(run)], default);

        Assert.Equal(run.Outbox, Assert.Single(await Unsent()).Outbox);
        StoredRun.AssertSame(quiet, await Store.Find(quiet.Id, default));
    }

    [Fact]
    public async Task Clearing_does_not_stand_in_the_way_of_the_next_replace()
    {
        var run = await Inserted(WithMessages("1"));
        await Store.ClearOutbox([Sent(run, "1")], default);

        Assert.True(await Store.TryReplace(run.Next(next => next.Outbox = [StoredRun.Message("2")]), RunStamp.Of(run), default));

        Assert.Equal([StoredRun.Message("2")], Assert.Single(await Unsent()).Outbox);
    }

    [Fact]
    public async Task A_replace_that_did_not_see_the_clearing_brings_messages_back_and_loses_none()
    {
        var run = await Inserted(WithMessages("1"));

        // Both orders of the race: whoever comes last, the message that the replace adds is kept.
        var next = run.Next(next => next.Outbox = [.. run.Outbox, StoredRun.Message("2")]);
        await Task.WhenAll(Store.ClearOutbox([Sent(run, "1")], default), Store.TryReplace(next, RunStamp.Of(run), default));

        var found = await Store.Find(run.Id, default);
        Assert.Equal(next.Version, found!.Version);
        Assert.Contains(StoredRun.Message("2"), found.Outbox);
    }

    [Fact]
    public async Task A_replace_without_messages_empties_the_outbox()
    {
        var run = await Inserted(WithMessages("1"));

        Assert.True(await Store.TryReplace(run.Next(next => next.Outbox = []), RunStamp.Of(run), default));

        Assert.Empty(await Unsent());
    }

    [Fact]
    public async Task Runs_with_messages_to_send_are_listed_page_by_page_whatever_their_times_and_whatever_is_added()
    {
        var runs = new List<Run>();
        for (var i = 0; i < 7; i++)
        {
            var run = WithMessagesOf(StoredRun.New(i % 2 == 0 ? "dev" : "other"), "1");
            run.UpdatedAt = StoredRun.Noon.AddHours((i * 3) % 5); // some in the future
            runs.Add(await Inserted(run));
        }

        var found = new List<UnsentRun>();
        IReadOnlyList<UnsentRun> page = [];
        do
        {
            page = await Store.Unsent(page is [.., var last] ? last : null, 2, default);
            found.AddRange(page);
            await Inserted(WithMessagesOf(StoredRun.New("zoe"), "1"));
        }
        while (page.Count == 2 && found.Count < 30);

        Assert.Equal(runs.Select(run => run.Id).Order(), found.Where(run => run.Tenant != "zoe").Select(run => run.Id).Order());
        Assert.All(found.Where(run => run.Tenant != "zoe"), run => Assert.Equal(1, run.Version));
        Assert.Equal(found.Select(run => run.Tenant).Order(StringComparer.Ordinal), found.Select(run => run.Tenant));
    }

    [Fact]
    public async Task Runs_that_are_due_come_most_overdue_first_page_by_page_without_those_of_excluded_tenants()
    {
        foreach (var (minute, tenant) in new (int?, string)[] { (3, "dev"), (1, "dev"), (null, "dev"), (4, "dev"), (0, "dev"), (2, "dev"), (null, "dev"), (1, "other"), (2, "other") })
        {
            var run = StoredRun.New(tenant);
            run.DueAt = minute is { } minutes ? StoredRun.Noon.AddMinutes(minutes) : null;
            await Inserted(run);
        }

        var first = await Due(3);
        Assert.Equal([0, 1, 1], first.Select(MinutesAfterNoon));
        var second = await Due(3, first[^1]);
        Assert.Equal([2, 2, 3], second.Select(MinutesAfterNoon));
        Assert.Empty(await Due(3, second[^1]));
        Assert.Equal(6, first.Concat(second).Select(run => run.Id).Distinct().Count());
        Assert.Equal([0, 1, 2, 3], (await Due(10, null, "other")).Select(MinutesAfterNoon));
        Assert.Empty(await Due(10, null, "other", "dev"));
        Assert.Empty(await Store.Due(StoredRun.Noon.AddMilliseconds(-1), null, [], 10, default));
        Assert.Equal(7, (await Store.Due(DateTimeOffset.MaxValue, null, [], 10, default)).Count);
        Assert.All(first, run => Assert.Equal(run.Id, RunKey.Of(run.Tenant, run.RunId)));

        Task<IReadOnlyList<DueRun>> Due(int limit, DueRun? after = null, params string[] except) =>
            Store.Due(StoredRun.Noon.AddMinutes(3), after, except, limit, default);

        static int MinutesAfterNoon(DueRun run) => (int)(run.DueAt - StoredRun.Noon).TotalMinutes;
    }

    [Fact]
    public async Task A_run_that_is_no_longer_due_is_not_listed()
    {
        var run = StoredRun.New();
        run.DueAt = StoredRun.Noon;
        await Inserted(run);

        Assert.True(await Store.TryReplace(run.Next(next => next.DueAt = null), RunStamp.Of(run), default));

        Assert.Empty(await Store.Due(Later, null, [], 10, default));
    }

    private static Run WithMessages(params string[] names) => WithMessagesOf(StoredRun.New(), names);

    private static Run WithMessagesOf(Run run, params string[] names)
    {
        run.Outbox = [.. names.Select(StoredRun.Message)];
        return run;
    }

    private static SentMessages Sent(Run run, params string[] names) => new(run.Id, [.. names.Select(name => StoredRun.Message(name).MessageId)]);
}
