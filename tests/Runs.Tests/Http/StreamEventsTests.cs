using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class EmbeddedStreamEventsTests(EmbeddedApplication application) : StreamEventsTests<EmbeddedApplication>(application);

public abstract class StreamEventsTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_stream_replays_the_log_continues_live_and_ends_with_the_run()
    {
        var run = await CreateRunning();
        await Append(run, 2);
        await using var stream = Client.ReadEvents($"{PathOf(run)}/stream").GetAsyncEnumerator();

        var replayed = await ReadNext(stream, 3);
        await Append(run, 2);
        var live = await ReadNext(stream, 2);
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });
        var last = await ReadNext(stream, 1);

        Assert.Equal([1, 2, 3, 4, 5, 6], replayed.Concat(live).Concat(last).Select(sent => sent.Id));
        Assert.Equal("RUN_STARTED", replayed[0].Type);
        Assert.Equal("RUN_FINISHED", last[0].Type);
        Assert.All(replayed, sent => Assert.Equal(sent.Type, sent.Data.GetProperty("type").GetString()));
        Assert.False(await stream.MoveNextAsync());
        Assert.Equal("completed", (await Client.Get($"/runs/{run}"))["status"].GetString());
    }

    [Theory]
    [InlineData("2", 3L)]
    [InlineData("0", 1L)]
    [InlineData("", 1L)]
    [InlineData("nonsense", 1L)]
    [InlineData("-1", 1L)]
    public async Task A_reconnected_reader_resumes_after_its_last_event(string lastEventId, long first)
    {
        var run = await CreateFinished(events: 3);

        var events = await Client.ReadEvents($"/runs/{run}/stream", lastEventId).ToListAsync();

        Assert.Equal(Enumerable.Range((int)first, 6 - (int)first), events.Select(sent => (int)sent.Id));
    }

    [Theory]
    [InlineData("6")]
    [InlineData("300")]
    [InlineData("9223372036854775807")]
    [InlineData("92233720368547758070")]
    public async Task An_unknown_Last_Event_ID_restarts_a_finished_log_from_the_beginning(string lastEventId)
    {
        var run = await CreateFinished(events: 3);

        var events = await Client.ReadEvents($"{PathOf(run)}/stream", lastEventId).ToListAsync();

        Assert.Equal([1, 2, 3, 4, 5], events.Select(sent => sent.Id));
    }

    [Fact]
    public async Task An_unknown_Last_Event_ID_restarts_a_live_log_from_the_beginning_and_continues()
    {
        var run = await CreateRunning();
        await Append(run, 2);
        await using var stream = Client.ReadEvents($"/runs/{run}/stream", "4").GetAsyncEnumerator();

        var replayed = await ReadNext(stream, 3);
        await Append(run, 1);
        var live = await ReadNext(stream, 1);

        Assert.Equal([1, 2, 3, 4], replayed.Concat(live).Select(sent => sent.Id));
    }

    [Fact]
    public async Task A_list_after_an_unknown_event_id_is_empty()
    {
        var run = await CreateRunning();

        var page = await Client.Get($"/runs/{run}/events?after_event_id=300");

        Assert.Equal(200, page.Status);
        Assert.Equal(0, page["data"].GetArrayLength());
    }

    [Fact]
    public async Task A_reader_after_the_last_event_gets_204()
    {
        var run = await CreateFinished(events: 1);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{PathOf(run)}/stream") { Headers = { { "Last-Event-ID", "3" } } };

        using var response = await Client.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode); // at anything else a browser would
    }

    [Fact]
    public async Task A_stream_can_be_opened_before_the_run_has_started()
    {
        var run = (await Client.Create(TestRequests.AgentBody())).GetProperty("run").GetProperty("run_id").GetString()!;
        await using var stream = Client.ReadEvents($"{PathOf(run)}/stream").GetAsyncEnumerator();
        var first = stream.MoveNextAsync();

        await application.Bus.Publish(new StartRun { Tenant = "dev", RunId = run });

        Assert.True(await first);
        Assert.Equal("RUN_STARTED", stream.Current.Type);
        await Client.Post($"/runs/{run}/cancel");
        Assert.Equal("CANCELLED", (await ReadNext(stream, 1))[0].Data.GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_idle_stream_sends_heartbeat_comments()
    {
        var run = await CreateRunning();
        using var response = await Client.OpenStream($"{PathOf(run)}/stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var lines = new List<string>();
        while (lines.Count(line => line.StartsWith(": still", StringComparison.Ordinal)) < 2)
        {
            lines.Add((await reader.ReadLineAsync())!);
        }

        Assert.Equal(": open", lines[0]);
        Assert.Single(lines, line => line.StartsWith("data", StringComparison.Ordinal));
        Assert.True(response.Headers.CacheControl!.NoCache);
    }

    [Fact]
    public async Task A_stream_sends_heartbeats_while_only_hidden_events_are_appended()
    {
        var run = await CreateRunning();
        using var response = await Client.OpenStream($"{PathOf(run)}/stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var hidden = Task.Run(async () =>
        {
            while ((await Client.Post($"{PathOf(run)}/events", """{"events":[{"type":"STEP_STARTED"}]}""")).Status == 200)
            {
            }
        });
        while (await reader.ReadLineAsync() is { } line && !line.StartsWith(": still", StringComparison.Ordinal))
        {
        }

        await Client.Post($"/runs/{run}/cancel");
        await hidden;
    }

    [Fact]
    public async Task Hidden_events_are_not_streamed_and_line_breaks_in_events_are_preserved()
    {
        var run = await CreateRunning();
        await Client.Post($"{PathOf(run)}/events", "{\"events\":[{\"type\":\"STEP_STARTED\"},{\r\n\"type\":\"CUSTOM\",\n\n\"value\":\"a\\nb\"}]}");
        await Client.Post($"/runs/{run}/cancel");

        var events = await Client.ReadEvents($"{PathOf(run)}/stream").ToListAsync();

        Assert.Equal([1, 3, 4], events.Select(sent => sent.Id));
        Assert.Equal("a\nb", events[1].Data.GetProperty("value").GetString());
    }

    [Fact]
    public async Task An_event_without_a_change_notification_is_streamed()
    {
        var run = await CreateRunning();
        await using var stream = Client.ReadEvents($"{PathOf(run)}/stream").GetAsyncEnumerator();
        await ReadNext(stream, 1);

        // As if the notice of another process had been lost.
        var stored = (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
        await application.Store.TryAppend(stored, [new RunEvent(2, "CUSTOM", true, 1, stored.CreatedAt, new RawJson("""{"type":"CUSTOM"}"""))], default);

        Assert.Equal(2, (await ReadNext(stream, 1))[0].Id);
    }

    [Fact]
    public async Task The_stream_of_an_unknown_or_inaccessible_run_is_not_found()
    {
        var run = await CreateRunning();
        using var other = application.CreateClient("vf_other_s_e_cret");
        using var nobody = application.CreateClient(null);

        (await Client.Get($"/runs/{TestRequests.NewId()}/stream")).AssertProblem(404);
        (await Client.Get($"/conversations/{TestRequests.NewUuid()}/runs/{run}/stream")).AssertProblem(404);
        (await other.Get($"{PathOf(run)}/stream")).AssertProblem(404);
        (await nobody.Get($"{PathOf(run)}/stream")).AssertProblem(401);
    }

    [Fact]
    public async Task A_stalled_reader_does_not_delay_other_readers()
    {
        var run = await CreateRunning();
        using var idle = await Client.OpenStream($"{PathOf(run)}/stream"); // its body is never read, and its connection fills up
        await using var stream = Client.ReadEvents($"{PathOf(run)}/stream").GetAsyncEnumerator();
        await ReadNext(stream, 1);

        for (var batch = 0; batch < 20; batch++)
        {
            await Append(run, 10, new string('x', 100_000));
        }

        Assert.Equal(200, (await ReadNext(stream, 200)).Count);
    }

    [Fact]
    public async Task Readers_that_reconnect_repeatedly_receive_every_event_once()
    {
        const int Readers = 4;
        const int Events = 2_000;
        var run = await CreateRunning();

        var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(async () =>
        {
            var random = new Random(reader);
            var heard = new List<long>();
            while (heard.Count < Events + 2)
            {
                var patience = random.Next(1, 200);
                await foreach (var sent in Client.ReadEvents($"{PathOf(run)}/stream", heard.Count == 0 ? null : $"{heard[^1]}"))
                {
                    heard.Add(sent.Id);
                    if (--patience == 0)
                    {
                        break; // the connection is closed with whatever is under way in it
                    }
                }
            }

            return heard;
        })).ToList();
        for (var sent = 0; sent < Events; sent += 20)
        {
            await Append(run, 20);
        }

        await Client.Post($"/runs/{run}/complete", new { status = "completed" });

        foreach (var heard in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Range(1, Events + 2), heard.Select(id => (int)id));
        }
    }

    [Fact]
    public async Task A_long_poll_returns_when_the_run_changes()
    {
        var run = await CreateRunning();
        var before = await Client.Get($"/runs/{run}");
        using var polling = application.CreateClient("vf_dev_secret");
        polling.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", before.Headers["ETag"]);

        var poll = polling.Get($"/runs/{run}?wait=30");
        await Append(run, 1); // is no change of the run
        await Client.Post($"/runs/{run}/wait", new { reason = "approval" });
        var answer = await poll;

        Assert.Equal("waiting", answer["status"].GetString());
        Assert.NotEqual(before.Headers["ETag"], answer.Headers["ETag"]);
    }

    [Fact]
    public async Task A_long_poll_without_an_ETag_waits_until_the_run_has_finished()
    {
        var run = await CreateRunning();
        using var polling = application.CreateClient("vf_dev_secret");
        polling.DefaultRequestHeaders.TryAddWithoutValidation("Prefer", "respond-async, wait=30");

        var poll = polling.Get($"/runs/{run}");
        await Client.Post($"/runs/{run}/wait", new { reason = "approval" });
        await Client.Post($"/runs/{run}/complete", new { status = "completed", output = 42 });

        var answer = await poll;
        Assert.Equal("completed", answer["status"].GetString());
        Assert.Equal(42, answer["output"].GetInt32());
        Assert.Equal(200, (await polling.Get($"/runs/{run}")).Status);
    }

    [Fact]
    public async Task A_long_poll_that_times_out_returns_304()
    {
        var run = await CreateRunning();
        var before = await Client.Get($"/runs/{run}");
        using var polling = application.CreateClient("vf_dev_secret");
        polling.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", $"\"other\", {before.Headers["ETag"]}");

        Assert.Equal(304, (await polling.Get($"/runs/{run}")).Status);
        Assert.Equal(304, (await polling.Get($"/runs/{run}?wait=1")).Status);
        Assert.Equal(200, (await Client.Get($"/runs/{run}?wait=1")).Status);
        (await Client.Get($"/runs/{run}?wait=61")).AssertProblem(400, null, "wait");
        (await Client.Get($"/runs/{run}?wait=x")).AssertProblem(400, null, "wait");
        (await Client.Get($"/runs/{TestRequests.NewId()}?wait=1")).AssertProblem(404);
    }

    private static string PathOf(string run) => $"/conversations/{RunsApplication.Conversation}/runs/{run}";

    private async Task<string> CreateRunning() =>
        (await Client.Create(TestRequests.AgentBody(request: new { agent_id = "writer", initial_status = "running" }))).GetProperty("run").GetProperty("run_id").GetString()!;

    private async Task<string> CreateFinished(int events)
    {
        var run = await CreateRunning();
        await Append(run, events);
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });
        return run;
    }

    private async Task Append(string run, int count, string delta = "d")
    {
        var answer = await Client.Post($"{PathOf(run)}/events", new { events = Enumerable.Repeat(new { type = "TEXT_MESSAGE_CONTENT", messageId = "m", delta }, count) });
        Assert.True(answer.Status == 200, answer.ToString());
    }

    private static async Task<List<ServerSentEvent>> ReadNext(IAsyncEnumerator<ServerSentEvent> stream, int count)
    {
        var events = new List<ServerSentEvent>();
        while (events.Count < count)
        {
            Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
            events.Add(stream.Current);
        }

        return events;
    }
}
