using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    [Fact]
    public async Task Events_that_a_write_of_the_run_recorded_are_its_log()
    {
        var run = StoredRun.New();
        var inserted = await Inserted(run.Next(next => Record(next, StoredRun.Event(1), StoredRun.Event(2))));
        var replaced = inserted.Next(next => Record(next, StoredRun.Event(3)));

        Assert.True(await Store.TryReplace(replaced, RunStamp.Of(inserted), default));

        Assert.Equal([StoredRun.Event(1), StoredRun.Event(2), StoredRun.Event(3)], await Log(run));
    }

    [Fact]
    public async Task Appended_events_are_the_end_of_the_log_and_leave_the_run_as_it_was_but_for_its_cursors()
    {
        var run = await Inserted(StoredRun.New().Next(next => Record(next, StoredRun.Event(1))));
        var hidden = new RunEvent(3, "STEP_STARTED", false, null, StoredRun.Noon.AddMilliseconds(3), new RawJson("{}"));

        Assert.True(await Store.TryAppend(run, [StoredRun.Event(2), hidden], default));

        var found = (await Store.Find(run.Id, default))!;
        Assert.Equal((3, 2, hidden.CreatedAt), (found.LatestEventId, found.LatestExternalEventSequence, found.LatestEventAt));
        StoredRun.AssertSame(run.Next(next =>
        {
            next.Version--;
            (next.LatestEventId, next.LatestExternalEventSequence, next.LatestEventAt) = (3, 2, hidden.CreatedAt);
        }), found);
        Assert.Equal([StoredRun.Event(1), StoredRun.Event(2), hidden], await Log(run));
    }

    [Fact]
    public async Task Hidden_events_are_not_among_the_public_ones()
    {
        var run = await Inserted(StoredRun.New());
        var hidden = new RunEvent(2, "STEP_STARTED", false, null, StoredRun.Noon, new RawJson("{}"));
        await Store.TryAppend(run, [StoredRun.Event(1), hidden, StoredRun.Event(3)], default);

        run = (await Store.Find(run.Id, default))!;

        Assert.Equal([StoredRun.Event(1), StoredRun.Event(3)], await Store.Events(run, 0, 10, EventScope.Public, default));
        Assert.Equal([StoredRun.Event(3)], await Store.Events(run, 1, 1, EventScope.Public, default));
    }

    [Fact]
    public async Task An_append_to_a_run_that_has_changed_is_refused_and_so_is_a_change_of_a_run_whose_log_has_grown()
    {
        var run = await Inserted(StoredRun.New());
        var started = run.Next(next => next.Status = RunStatuses.Running);
        Assert.True(await Store.TryReplace(started, RunStamp.Of(run), default));

        Assert.False(await Store.TryAppend(run, [StoredRun.Event(1)], default));
        Assert.True(await Store.TryAppend(started, [StoredRun.Event(1)], default));
        Assert.False(await Store.TryAppend(started, [StoredRun.Event(1)], default));
        Assert.False(await Store.TryReplace(started.Next(next => next.Status = RunStatuses.Failed), RunStamp.Of(started), default));

        Assert.Equal(RunStatuses.Running, (await Store.Find(run.Id, default))!.Status);
        Assert.Equal([StoredRun.Event(1)], await Log(run));
    }

    [Fact]
    public async Task An_append_to_a_run_that_is_not_there_is_refused_and_leaves_nothing()
    {
        var run = StoredRun.New();

        Assert.False(await Store.TryAppend(run, [StoredRun.Event(1)], default));

        await Inserted(run);
        Assert.Empty(await Log(run));
    }

    [Fact]
    public async Task A_log_is_read_page_by_page_as_it_was_when_the_run_was_read()
    {
        var run = await Inserted(StoredRun.New());
        for (var id = 1; id <= 25; id++)
        {
            run = (await Store.Find(run.Id, default))!;
            Assert.True(await Store.TryAppend(run, [StoredRun.Event(id)], default));
        }

        Assert.Equal(Enumerable.Range(8, 10), (await Store.Events(run, 7, 10, EventScope.All, default)).Select(logged => (int)logged.EventId));
        Assert.Equal([23, 24], (await Store.Events(run, 22, 10, EventScope.All, default)).Select(logged => (int)logged.EventId));
        Assert.Empty(await Store.Events(run, 24, 10, EventScope.All, default));
        Assert.Equal(25, (await Log(run)).Count);
    }

    [Fact]
    public async Task Of_appends_at_the_same_time_each_takes_its_place_or_is_refused()
    {
        var run = await Inserted(StoredRun.New());

        var appended = await Task.WhenAll(Enumerable.Range(0, 12).Select(writer => Task.Run(async () =>
        {
            var mine = new List<RunEvent>();
            while (mine.Count < 10)
            {
                var read = (await Store.Find(run.Id, default))!;
                var next = StoredRun.Event(read.LatestEventId + 1, text: $$"""{"writer":{{writer}},"n":{{mine.Count}}}""");
                if (await Store.TryAppend(read, [next], default))
                {
                    mine.Add(next);
                }
            }

            return mine;
        })));

        Assert.Equal(appended.SelectMany(events => events).OrderBy(logged => logged.EventId), await Log(run));
    }

    [Fact]
    public async Task A_batch_as_large_as_a_body_may_be_is_kept_whole_and_read_in_pages_that_fit_into_an_answer()
    {
        var run = await Inserted(StoredRun.New());
        var events = Enumerable.Range(1, 40).Select(id => StoredRun.Event(id, text: $"\"{new string('x', 250_000)}\"")).ToList();
        Assert.True(await Store.TryAppend(run, events, default));
        run = (await Store.Find(run.Id, default))!;
        var more = events.ConvertAll(logged => logged with { EventId = logged.EventId + 40, ExternalSequence = logged.ExternalSequence + 40 });
        Assert.True(await Store.TryAppend(run, more, default));

        Assert.Equal([.. events, .. more], await Log(run));
    }

    [Fact]
    public async Task The_head_of_a_run_is_the_run_without_what_callers_sent_and_executors_made()
    {
        var run = await Inserted(StoredRun.Full());

        var head = (await Store.FindHead(run.Id, default))!;

        StoredRun.AssertSame(run, head.Next(next =>
        {
            next.Version--;
            (next.Request, next.Input, next.Config, next.Output, next.Logs, next.Artifacts) = (run.Request, run.Input, run.Config, run.Output, run.Logs, run.Artifacts);
            next.ChangedBy = run.ChangedBy;
        }));
        Assert.Null(await Store.FindHead(StoredRun.New().Id, default));
    }

    [Fact]
    public async Task Stamps_tell_how_runs_are_and_leave_out_those_that_are_not()
    {
        var (quiet, busy) = (await Inserted(StoredRun.New()), await Inserted(StoredRun.New()));
        await Store.TryAppend(busy, [StoredRun.Event(1)], default);

        var stamps = await Store.Stamps([quiet.Id, busy.Id, StoredRun.New().Id], default);

        Assert.Equal(
            new Dictionary<Guid, RunStamp> { [quiet.Id] = new(1, 0), [busy.Id] = new(1, 1) }.OrderBy(stamp => stamp.Key), stamps.OrderBy(stamp => stamp.Key));
    }

    /// <summary>The whole log as it is now.</summary>
    private async Task<List<RunEvent>> Log(Run run)
    {
        run = (await Store.Find(run.Id, default))!;
        var log = new List<RunEvent>();
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await Store.Events(run, log.Count == 0 ? 0 : log[^1].EventId, 100, EventScope.All, default);
            log.AddRange(page);
        }
        while (page.Count > 0);

        return log;
    }

    private static void Record(Run run, params ReadOnlySpan<RunEvent> events)
    {
        // The list is another one than that of the run before.
        run.RecentEvents = [.. run.RecentEvents, .. events];
        run.LatestEventId = events[^1].EventId;
        run.LatestExternalEventSequence = events[^1].ExternalSequence!.Value;
        run.LatestEventAt = events[^1].CreatedAt;
    }
}
