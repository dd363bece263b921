using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    [Fact]
    public async Task Events_written_with_the_run_are_its_log()
    {
        var run = TestRuns.Create();
        var inserted = await Insert(run.NextVersion(next => AddEvents(next, TestRuns.CreateEvent(1), TestRuns.CreateEvent(2))));
        var replaced = inserted.NextVersion(next => AddEvents(next, TestRuns.CreateEvent(3)));

        Assert.True(await Store.TryReplace(replaced, RunVersion.From(inserted), default));

        Assert.Equal([TestRuns.CreateEvent(1), TestRuns.CreateEvent(2), TestRuns.CreateEvent(3)], await ReadLog(run));
    }

    [Fact]
    public async Task Appended_events_end_the_log_and_change_only_the_cursors_of_the_run()
    {
        var run = await Insert(TestRuns.Create().NextVersion(next => AddEvents(next, TestRuns.CreateEvent(1))));
        var hidden = new RunEvent(3, "STEP_STARTED", false, null, TestRuns.Noon.AddMilliseconds(3), new RawJson("{}"));

        Assert.True(await Store.TryAppend(run, [TestRuns.CreateEvent(2), hidden], default));

        var found = (await Store.Find(run.Id, default))!;
        Assert.Equal((3, 2, hidden.CreatedAt), (found.LatestEventId, found.LatestExternalEventSequence, found.LatestEventAt));
        TestRuns.AssertEqual(run.NextVersion(next =>
        {
            next.Version--;
            (next.LatestEventId, next.LatestExternalEventSequence, next.LatestEventAt) = (3, 2, hidden.CreatedAt);
        }), found);
        Assert.Equal([TestRuns.CreateEvent(1), TestRuns.CreateEvent(2), hidden], await ReadLog(run));
    }

    [Fact]
    public async Task Hidden_events_are_excluded_from_public_reads()
    {
        var run = await Insert(TestRuns.Create());
        var hidden = new RunEvent(2, "STEP_STARTED", false, null, TestRuns.Noon, new RawJson("{}"));
        await Store.TryAppend(run, [TestRuns.CreateEvent(1), hidden, TestRuns.CreateEvent(3)], default);

        run = (await Store.Find(run.Id, default))!;

        Assert.Equal(
            [TestRuns.CreateEvent(1), TestRuns.CreateEvent(3)],
            await Store.ReadEvents(run, 0, 10, EventVisibility.Public, default));
        Assert.Equal([TestRuns.CreateEvent(3)], await Store.ReadEvents(run, 1, 1, EventVisibility.Public, default));
    }

    [Fact]
    public async Task Appends_and_replaces_conflict_with_each_other()
    {
        var run = await Insert(TestRuns.Create());
        var started = run.NextVersion(next => next.Status = RunStatuses.Running);
        Assert.True(await Store.TryReplace(started, RunVersion.From(run), default));

        Assert.False(await Store.TryAppend(run, [TestRuns.CreateEvent(1)], default));
        Assert.True(await Store.TryAppend(started, [TestRuns.CreateEvent(1)], default));
        Assert.False(await Store.TryAppend(started, [TestRuns.CreateEvent(1)], default));
        var failed = started.NextVersion(next => next.Status = RunStatuses.Failed);
        Assert.False(await Store.TryReplace(failed, RunVersion.From(started), default));

        Assert.Equal(RunStatuses.Running, (await Store.Find(run.Id, default))!.Status);
        Assert.Equal([TestRuns.CreateEvent(1)], await ReadLog(run));
    }

    [Fact]
    public async Task An_append_to_an_absent_run_is_rejected_and_stores_nothing()
    {
        var run = TestRuns.Create();

        Assert.False(await Store.TryAppend(run, [TestRuns.CreateEvent(1)], default));

        await Insert(run);
        Assert.Empty(await ReadLog(run));
    }

    [Fact]
    public async Task A_log_is_paged_as_of_the_version_that_was_read()
    {
        var run = await Insert(TestRuns.Create());
        for (var id = 1; id <= 25; id++)
        {
            run = (await Store.Find(run.Id, default))!;
            Assert.True(await Store.TryAppend(run, [TestRuns.CreateEvent(id)], default));
        }

        Assert.Equal(Enumerable.Range(8, 10), await ReadIds(after: 7));
        Assert.Equal([23, 24], await ReadIds(after: 22));
        Assert.Empty(await ReadIds(after: 24));
        Assert.Equal(25, (await ReadLog(run)).Count);

        async Task<IEnumerable<int>> ReadIds(long after) =>
            (await Store.ReadEvents(run, after, 10, EventVisibility.All, default)).Select(runEvent => (int)runEvent.EventId);
    }

    [Fact]
    public async Task Concurrent_appends_are_stored_in_sequence_or_rejected()
    {
        var run = await Insert(TestRuns.Create());

        var appended = await Task.WhenAll(Enumerable.Range(0, 12).Select(writer => Task.Run(async () =>
        {
            var appendedByWriter = new List<RunEvent>();
            while (appendedByWriter.Count < 10)
            {
                var read = (await Store.Find(run.Id, default))!;
                var next = TestRuns.CreateEvent(read.LatestEventId + 1, text: $$"""{"writer":{{writer}},"n":{{appendedByWriter.Count}}}""");
                if (await Store.TryAppend(read, [next], default))
                {
                    appendedByWriter.Add(next);
                }
            }

            return appendedByWriter;
        })));

        Assert.Equal(appended.SelectMany(events => events).OrderBy(runEvent => runEvent.EventId), await ReadLog(run));
    }

    [Fact]
    public async Task A_batch_of_the_maximum_body_size_is_stored_completely_and_read_in_limited_pages()
    {
        var run = await Insert(TestRuns.Create());
        var events = Enumerable.Range(1, 40).Select(id => TestRuns.CreateEvent(id, text: $"\"{new string('x', 250_000)}\"")).ToList();
        Assert.True(await Store.TryAppend(run, events, default));
        run = (await Store.Find(run.Id, default))!;
        var more = events.ConvertAll(runEvent => runEvent with
        {
            EventId = runEvent.EventId + 40,
            ExternalSequence = runEvent.ExternalSequence + 40,
        });
        Assert.True(await Store.TryAppend(run, more, default));

        Assert.Equal([.. events, .. more], await ReadLog(run));
    }

    [Fact]
    public async Task A_run_without_payload_omits_request_and_outcome()
    {
        var run = await Insert(TestRuns.CreateFull());

        var head = (await Store.FindWithoutPayload(run.Id, default))!;

        TestRuns.AssertEqual(run, head.NextVersion(next =>
        {
            next.Version--;
            (next.Request, next.Input, next.Config) = (run.Request, run.Input, run.Config);
            (next.Output, next.Logs, next.Artifacts) = (run.Output, run.Logs, run.Artifacts);
            next.Changes = run.Changes;
        }));
        Assert.Null(await Store.FindWithoutPayload(TestRuns.Create().Id, default));
    }

    [Fact]
    public async Task Versions_are_returned_for_existing_runs_only()
    {
        var (quiet, busy) = (await Insert(TestRuns.Create()), await Insert(TestRuns.Create()));
        await Store.TryAppend(busy, [TestRuns.CreateEvent(1)], default);

        var versions = await Store.GetVersions([quiet.Id, busy.Id, TestRuns.Create().Id], default);

        Assert.Equal(2, versions.Count);
        Assert.Equal(new RunVersion(1, 0), versions[quiet.Id]);
        Assert.Equal(new RunVersion(1, 1), versions[busy.Id]);
    }

    /// <summary>Reads the complete current log.</summary>
    private async Task<List<RunEvent>> ReadLog(Run run)
    {
        run = (await Store.Find(run.Id, default))!;
        var log = new List<RunEvent>();
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await Store.ReadEvents(run, log.Count == 0 ? 0 : log[^1].EventId, 100, EventVisibility.All, default);
            log.AddRange(page);
        }
        while (page.Count > 0);

        return log;
    }

    private static void AddEvents(Run run, params ReadOnlySpan<RunEvent> events)
    {
        // A new list: the previous version of the run has the old one.
        run.EmbeddedEvents = [.. run.EmbeddedEvents, .. events];
        run.LatestEventId = events[^1].EventId;
        run.LatestExternalEventSequence = events[^1].ExternalSequence!.Value;
        run.LatestEventAt = events[^1].CreatedAt;
    }
}
