using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    private static readonly DateTimeOffset Later = StoredRun.Noon.AddHours(1);

    [Fact]
    public async Task A_run_with_messages_to_send_is_found_with_all_of_them()
    {
        var run = await Inserted(WithMessages("1", "2"));
        await Inserted(StoredRun.New());

        StoredRun.AssertSame(run, Assert.Single(await Store.WithOutbox(Later, 10, default)));
    }

    [Fact]
    public async Task Messages_that_were_sent_are_gone_and_the_others_stay()
    {
        var run = await Inserted(WithMessages("1", "2", "3"));

        await Store.ClearOutbox([Sent(run, "2")], default);

        var left = Assert.Single(await Store.WithOutbox(Later, 10, default));
        StoredRun.AssertSame(WithMessagesOf(run, "1", "3"), left);
    }

    [Fact]
    public async Task A_run_whose_messages_were_all_sent_has_nothing_to_send_and_is_otherwise_unchanged()
    {
        var runs = new[] { await Inserted(WithMessages("1", "2")), await Inserted(WithMessages("3")), await Inserted(WithMessages("4")) };

        await Store.ClearOutbox([Sent(runs[0], "1", "2"), Sent(runs[1], "3"), Sent(runs[2], "4")], default);

        Assert.Empty(await Store.WithOutbox(Later, 10, default));
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

        StoredRun.AssertSame(run, Assert.Single(await Store.WithOutbox(Later, 10, default)));
        StoredRun.AssertSame(quiet, await Store.Find(quiet.Id, default));
    }

    [Fact]
    public async Task Clearing_does_not_stand_in_the_way_of_the_next_replace()
    {
        var run = await Inserted(WithMessages("1"));
        await Store.ClearOutbox([Sent(run, "1")], default);

        Assert.True(await Store.TryReplace(run.Next(next => next.Outbox = [StoredRun.Message("2")]), RunStamp.Of(run), default));

        Assert.Equal([StoredRun.Message("2")], Assert.Single(await Store.WithOutbox(Later, 10, default)).Outbox);
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

        Assert.Empty(await Store.WithOutbox(Later, 10, default));
    }

    [Fact]
    public async Task Runs_with_messages_to_send_come_oldest_change_first_within_limit_and_age()
    {
        for (var minute = 0; minute < 5; minute++)
        {
            var run = WithMessages("1");
            run.UpdatedAt = StoredRun.Noon.AddMinutes((minute * 3) % 5);
            await Inserted(run);
        }

        var found = await Store.WithOutbox(StoredRun.Noon.AddMinutes(4), 3, default);

        Assert.Equal([0, 1, 2], found.Select(run => (int)(run.UpdatedAt - StoredRun.Noon).TotalMinutes));
        Assert.Equal(4, (await Store.WithOutbox(StoredRun.Noon.AddMinutes(4), 10, default)).Count);
        Assert.Empty(await Store.WithOutbox(StoredRun.Noon, 10, default));
    }

    [Fact]
    public async Task Runs_that_are_due_come_most_overdue_first_within_the_limit()
    {
        foreach (var minute in new int?[] { 3, 1, null, 4, 0, 2, null })
        {
            var run = StoredRun.New();
            run.DueAt = minute is { } minutes ? StoredRun.Noon.AddMinutes(minutes) : null;
            await Inserted(run);
        }

        var found = await Store.Due(StoredRun.Noon.AddMinutes(3), 3, default);

        Assert.Equal([0, 1, 2], found.Select(run => (int)(run.DueAt!.Value - StoredRun.Noon).TotalMinutes));
        Assert.Equal(4, (await Store.Due(StoredRun.Noon.AddMinutes(3), 10, default)).Count);
        Assert.Empty(await Store.Due(StoredRun.Noon.AddMilliseconds(-1), 10, default));
        Assert.Equal(5, (await Store.Due(DateTimeOffset.MaxValue, 10, default)).Count);
    }

    [Fact]
    public async Task A_run_that_is_no_longer_due_is_not_listed()
    {
        var run = StoredRun.New();
        run.DueAt = StoredRun.Noon;
        await Inserted(run);

        Assert.True(await Store.TryReplace(run.Next(next => next.DueAt = null), RunStamp.Of(run), default));

        Assert.Empty(await Store.Due(Later, 10, default));
    }

    private static Run WithMessages(params string[] names) => WithMessagesOf(StoredRun.New(), names);

    private static Run WithMessagesOf(Run run, params string[] names)
    {
        run.Outbox = [.. names.Select(StoredRun.Message)];
        return run;
    }

    private static SentMessages Sent(Run run, params string[] names) => new(run.Id, [.. names.Select(name => StoredRun.Message(name).MessageId)]);
}
