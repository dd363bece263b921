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
    public async Task Large_hidden_events_are_read_in_their_place()
    {
        var run = await Insert(TestRuns.Create());
        RunEvent[] events =
        [
            TestRuns.CreateLargeHiddenEvent(1), TestRuns.CreateEvent(2), TestRuns.CreateLargeHiddenEvent(3),
            TestRuns.CreateLargeHiddenEvent(4), TestRuns.CreateEvent(5),
        ];
        await Store.TryAppend(run, events, default);

        run = (await Store.Find(run.Id, default))!;

        Assert.Equal(events, await ReadLog(run));
        Assert.Equal([events[1], events[4]], await Store.ReadEvents(run, 0, 10, EventVisibility.Public, default));
        Assert.Equal([events[4]], await Store.ReadEvents(run, 3, 10, EventVisibility.Public, default));
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

    [Theory]
    [InlineData(0, 3)] // ends in the first chunk
    [InlineData(0, 5)] // ends with it
    [InlineData(4, 2)] // the last of one and the first of the next
    [InlineData(5, 10)] // exactly two
    [InlineData(7, 100)] // begins in the second, ends with the log
    [InlineData(24, 1)] // the last event
    [InlineData(25, 1)] // after the log
    public async Task A_page_begins_and_ends_anywhere_in_a_chunk(int after, int limit)
    {
        var run = await Insert(TestRuns.Create());
        await AppendChunks(run, [5, 5, 5, 5, 5]);

        run = (await Store.Find(run.Id, default))!;
        var page = await Store.ReadEvents(run, after, limit, EventVisibility.All, default);

        Assert.Equal(Enumerable.Range(1, 25).Skip(after).Take(limit).Select(id => TestRuns.CreateEvent(id)), page);
    }

    [Fact]
    public async Task An_append_above_the_limits_of_a_chunk_is_split()
    {
        var run = await Insert(TestRuns.Create());
        await AppendChunks(run, [1, 600, 1]);

        Assert.Equal(Enumerable.Range(1, 602).Select(id => TestRuns.CreateEvent(id)), await ReadLog(run));
    }

    [Fact]
    public async Task Public_events_after_many_hidden_ones_are_on_one_page()
    {
        var run = await Insert(TestRuns.Create());
        var events = Enumerable.Range(1, 300).Select(id =>
            new RunEvent(id, "STEP", id is 1 or 299 or 300, id, TestRuns.Noon, new RawJson("{}"))).ToList();
        for (var sent = 0; sent < events.Count; sent += 50)
        {
            run = (await Store.Find(run.Id, default))!;
            Assert.True(await Store.TryAppend(run, events[sent..(sent + 50)], default));
        }

        run = (await Store.Find(run.Id, default))!;

        Assert.Equal(
            [1, 299], (await Store.ReadEvents(run, 0, 2, EventVisibility.Public, default)).Select(logged => (int)logged.EventId));
        Assert.Equal([300], (await Store.ReadEvents(run, 299, 2, EventVisibility.Public, default)).Select(logged => (int)logged.EventId));
    }

    [Fact]
    public async Task The_event_that_ends_a_log_is_read_if_and_only_if_the_status_is_final()
    {
        var run = await Insert(TestRuns.Create().NextVersion(next => next.Status = RunStatuses.Running));
        var head = RunHead.From(run);
        for (var id = 1; id <= 30; id++)
        {
            head = (await Store.TryAppend(head, [TestRuns.CreateEvent(id)], default))!;
        }

        var reading = Task.Run(async () =>
        {
            Run read;
            do
            {
                read = (await Store.Find(run.Id, default))!;
                var last = (await Store.ReadEvents(read, read.LatestEventId - 1, 10, EventVisibility.All, default))[^1];
                Assert.Equal(RunStatuses.IsTerminal(read.Status), last.EventType == RunEventTypes.RunFinished);
            }
            while (!RunStatuses.IsTerminal(read.Status));
        });
        var current = (await Store.Find(run.Id, default))!;
        var finished = current.NextVersion(next =>
        {
            next.Status = RunStatuses.Completed;
            AddEvents(next, TestRuns.CreateEvent(31) with { EventType = RunEventTypes.RunFinished });
        });
        Assert.True(await Store.TryReplace(finished, RunVersion.From(current), default));

        await reading;
        Assert.Null(await Store.TryAppend(head, [TestRuns.CreateEvent(31)], default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_appends_and_page_sizes_give_the_same_log(int seed)
    {
        var random = new Random(seed);
        var run = await Insert(TestRuns.Create());
        var head = RunHead.From(run);
        var expected = new List<RunEvent>();
        for (var append = 0; append < 40; append++)
        {
            List<RunEvent> events =
            [
                .. Enumerable.Range(expected.Count + 1, random.Next(1, 40)).Select(id => new RunEvent(
                    id, "CUSTOM", random.Next(3) > 0, id, TestRuns.Noon, new RawJson($"\"{new string('x', random.Next(200))}\""))),
            ];
            head = (await Store.TryAppend(head, events, default))!;
            expected.AddRange(events);
            if (random.Next(5) == 0)
            {
                await ArchiveEvents(run); // some of the log, in groups of random sizes
            }
        }

        run = (await Store.Find(run.Id, default))!;
        foreach (var visibility in Enum.GetValues<EventVisibility>())
        {
            var read = new List<RunEvent>();
            IReadOnlyList<RunEvent> page;
            do
            {
                var limit = random.Next(1, 150);
                page = await Store.ReadEvents(run, read.Count == 0 ? 0 : read[^1].EventId, limit, visibility, default);
                Assert.InRange(page.Count, 0, limit);
                read.AddRange(page);
            }
            while (page.Count > 0);

            Assert.Equal(expected.Where(logged => visibility == EventVisibility.All || logged.Public), read);
        }
    }

    [Fact]
    public async Task Concurrent_appends_to_many_runs_have_their_own_outcomes()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Insert(TestRuns.Create())));
        var stale = runs.Where((_, index) => index % 3 == 0).ToList();
        foreach (var run in stale)
        {
            Assert.True(await Store.TryAppend(run, [TestRuns.CreateEvent(1, text: "1")], default));
        }

        // The second append to a run that expects the same end is never executed.
        var appended = await Task.WhenAll(
            runs.Concat(runs).Select(run => Store.TryAppend(run, [TestRuns.CreateEvent(1, text: "2")], default)));

        for (var i = 0; i < runs.Length; i++)
        {
            var isStale = stale.Contains(runs[i]);
            Assert.Equal(isStale ? 0 : 1, (appended[i] ? 1 : 0) + (appended[i + runs.Length] ? 1 : 0));
            Assert.Equal([TestRuns.CreateEvent(1, text: isStale ? "1" : "2")], await ReadLog(runs[i]));
        }
    }

    [Fact]
    public async Task A_head_is_valid_for_the_next_append_without_reading_the_run()
    {
        var head = RunHead.From(await Insert(TestRuns.CreateFull().NextVersion(next => next.Version = 1)));
        var (latestId, sequence) = (head.Run.LatestEventId, head.Run.LatestExternalEventSequence);

        for (var i = 1; i <= 3; i++)
        {
            head = (await Store.TryAppend(head, [TestRuns.CreateEvent(latestId + i) with { ExternalSequence = sequence + i }], default))!;
        }

        var found = (await Store.Find(head.Run.Id, default))!;
        Assert.Equal(RunVersion.From(found), RunVersion.From(head.Run));
        Assert.Equal(found.LatestExternalEventSequence, head.Run.LatestExternalEventSequence);
        Assert.Equal(found.LatestEventAt, head.Run.LatestEventAt);
        Assert.Empty(head.Run.Outbox);
        Assert.NotEmpty(found.Outbox);
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
            (next.Changes, next.ToolResults, next.WorkerSession) = (run.Changes, run.ToolResults, run.WorkerSession);
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

    /// <summary>Appends events in groups of these sizes.</summary>
    private async Task AppendChunks(Run run, int[] sizes)
    {
        var head = RunHead.From(run);
        foreach (var size in sizes)
        {
            var first = (int)head.Run.LatestEventId + 1;
            head = (await Store.TryAppend(head, [.. Enumerable.Range(first, size).Select(id => TestRuns.CreateEvent(id))], default))!;
            await ArchiveEvents(run);
        }
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
