using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class StreamingEventsEmbedded(EmbeddedStack stack) : StreamingEvents<EmbeddedStack>(stack);

public abstract class StreamingEvents<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private HttpClient Client => stack.Client;

    [Fact]
    public async Task A_stream_replays_the_log_goes_on_live_and_ends_with_the_run()
    {
        var run = await Running();
        await Append(run, 2);
        await using var stream = Client.Events($"{In(run)}/stream").GetAsyncEnumerator();

        var replayed = await Next(stream, 3);
        await Append(run, 2);
        var live = await Next(stream, 2);
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });
        var last = await Next(stream, 1);

        Assert.Equal([1, 2, 3, 4, 5, 6], replayed.Concat(live).Concat(last).Select(sent => sent.Id));
        Assert.Equal("RUN_STARTED", replayed[0].Type);
        Assert.Equal("RUN_FINISHED", last[0].Type);
        Assert.All(replayed, sent => Assert.Equal(sent.Type, sent.Data.GetProperty("type").GetString()));
        Assert.False(await stream.MoveNextAsync());
        Assert.Equal("completed", (await Client.Read($"/runs/{run}"))["status"].GetString());
    }

    [Theory]
    [InlineData("2", 3L)]
    [InlineData("0", 1L)]
    [InlineData("", 1L)]
    [InlineData("nonsense", 1L)]
    [InlineData("-1", 1L)]
    public async Task A_reader_that_comes_back_goes_on_where_it_was(string lastEventId, long first)
    {
        var run = await Ended(events: 3);

        var events = await Client.Events($"/runs/{run}/stream", lastEventId).ToListAsync();

        Assert.Equal(Enumerable.Range((int)first, 6 - (int)first), events.Select(sent => (int)sent.Id));
    }

    [Theory]
    [InlineData("6")]
    [InlineData("300")]
    [InlineData("9223372036854775807")]
    [InlineData("92233720368547758070")]
    public async Task An_id_that_an_ended_log_does_not_have_restarts_it_from_the_beginning(string lastEventId)
    {
        var run = await Ended(events: 3);

        var events = await Client.Events($"{In(run)}/stream", lastEventId).ToListAsync();

        Assert.Equal([1, 2, 3, 4, 5], events.Select(sent => sent.Id));
    }

    [Fact]
    public async Task An_id_that_a_living_log_does_not_have_restarts_it_from_the_beginning_and_it_goes_on()
    {
        var run = await Running();
        await Append(run, 2);
        await using var stream = Client.Events($"/runs/{run}/stream", "4").GetAsyncEnumerator();

        var replayed = await Next(stream, 3);
        await Append(run, 1);
        var live = await Next(stream, 1);

        Assert.Equal([1, 2, 3, 4], replayed.Concat(live).Select(sent => sent.Id));
    }

    [Fact]
    public async Task A_list_after_an_event_that_the_log_does_not_have_is_empty()
    {
        var run = await Running();

        var page = await Client.Read($"/runs/{run}/events?after_event_id=300");

        Assert.Equal(200, page.Status);
        Assert.Equal(0, page["data"].GetArrayLength());
    }

    [Fact]
    public async Task A_reader_that_has_seen_the_end_is_told_not_to_come_back()
    {
        var run = await Ended(events: 1);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{In(run)}/stream") { Headers = { { "Last-Event-ID", "3" } } };

        using var response = await Client.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode); // at anything else a browser would
    }

    [Fact]
    public async Task A_reader_may_come_before_the_run_has_begun()
    {
        var run = (await Client.Create(Calls.Agent())).GetProperty("run").GetProperty("run_id").GetString()!;
        await using var stream = Client.Events($"{In(run)}/stream").GetAsyncEnumerator();
        var first = stream.MoveNextAsync();

        await stack.Bus.Publish(new StartRun { Tenant = "dev", RunId = run });

        Assert.True(await first);
        Assert.Equal("RUN_STARTED", stream.Current.Type);
        await Client.Post($"/runs/{run}/cancel");
        Assert.Equal("CANCELLED", (await Next(stream, 1))[0].Data.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_silent_stream_says_in_comments_that_it_is_still_there()
    {
        var run = await Running();
        using var response = await Client.Open($"{In(run)}/stream");
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
    public async Task A_stream_says_that_it_is_there_while_only_hidden_things_happen()
    {
        var run = await Running();
        using var response = await Client.Open($"{In(run)}/stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var hidden = Task.Run(async () =>
        {
            while ((await Client.Post($"{In(run)}/events", """{"events":[{"type":"STEP_STARTED"}]}""")).Status == 200)
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
    public async Task What_is_hidden_is_not_sent_and_line_breaks_in_an_event_do_not_break_it()
    {
        var run = await Running();
        await Client.Post($"{In(run)}/events", "{\"events\":[{\"type\":\"STEP_STARTED\"},{\r\n\"type\":\"CUSTOM\",\n\n\"value\":\"a\\nb\"}]}");
        await Client.Post($"/runs/{run}/cancel");

        var events = await Client.Events($"{In(run)}/stream").ToListAsync();

        Assert.Equal([1, 3, 4], events.Select(sent => sent.Id));
        Assert.Equal("a\nb", events[1].Data.GetProperty("value").GetString());
    }

    [Fact]
    public async Task An_event_of_which_nobody_was_told_is_seen_all_the_same()
    {
        var run = await Running();
        await using var stream = Client.Events($"{In(run)}/stream").GetAsyncEnumerator();
        await Next(stream, 1);

        // As if the notice of another process had been lost.
        var stored = (await stack.Store.Find(RunKey.Of("dev", run), default))!;
        await stack.Store.TryAppend(stored, [new RunEvent(2, "CUSTOM", true, 1, stored.CreatedAt, new RawJson("""{"type":"CUSTOM"}"""))], default);

        Assert.Equal(2, (await Next(stream, 1))[0].Id);
    }

    [Fact]
    public async Task Nobody_reads_the_stream_of_a_run_that_is_not_there_for_them()
    {
        var run = await Running();
        using var other = stack.Caller("vf_other_s_e_cret");
        using var nobody = stack.Caller(null);

        (await Client.Read($"/runs/{Calls.NewId()}/stream")).IsProblem(404);
        (await Client.Read($"/conversations/{Calls.NewUuid()}/runs/{run}/stream")).IsProblem(404);
        (await other.Read($"{In(run)}/stream")).IsProblem(404);
        (await nobody.Read($"{In(run)}/stream")).IsProblem(401);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_holds_up_nobody()
    {
        var run = await Running();
        using var idle = await Client.Open($"{In(run)}/stream"); // its body is never read, and its connection fills up
        await using var stream = Client.Events($"{In(run)}/stream").GetAsyncEnumerator();
        await Next(stream, 1);

        for (var batch = 0; batch < 20; batch++)
        {
            await Append(run, 10, new string('x', 100_000));
        }

        Assert.Equal(200, (await Next(stream, 200)).Count);
    }

    [Fact]
    public async Task Readers_that_lose_their_connection_again_and_again_miss_nothing_and_hear_nothing_twice()
    {
        const int Readers = 4;
        const int Events = 2_000;
        var run = await Running();

        var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(async () =>
        {
            var random = new Random(reader);
            var heard = new List<long>();
            while (heard.Count < Events + 2)
            {
                var patience = random.Next(1, 200);
                await foreach (var sent in Client.Events($"{In(run)}/stream", heard.Count == 0 ? null : $"{heard[^1]}"))
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
    public async Task A_long_poll_answers_when_the_run_changes()
    {
        var run = await Running();
        var before = await Client.Read($"/runs/{run}");
        using var polling = stack.Caller("vf_dev_secret");
        polling.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", before.Headers["ETag"]);

        var poll = polling.Read($"/runs/{run}?wait=30");
        await Append(run, 1); // is no change of the run
        await Client.Post($"/runs/{run}/wait", new { reason = "approval" });
        var answer = await poll;

        Assert.Equal("waiting", answer["status"].GetString());
        Assert.NotEqual(before.Headers["ETag"], answer.Headers["ETag"]);
    }

    [Fact]
    public async Task A_long_poll_without_a_version_waits_for_the_end()
    {
        var run = await Running();
        using var polling = stack.Caller("vf_dev_secret");
        polling.DefaultRequestHeaders.TryAddWithoutValidation("Prefer", "respond-async, wait=30");

        var poll = polling.Read($"/runs/{run}");
        await Client.Post($"/runs/{run}/wait", new { reason = "approval" });
        await Client.Post($"/runs/{run}/complete", new { status = "completed", output = 42 });

        var answer = await poll;
        Assert.Equal("completed", answer["status"].GetString());
        Assert.Equal(42, answer["output"].GetInt32());
        Assert.Equal(200, (await polling.Read($"/runs/{run}")).Status);
    }

    [Fact]
    public async Task A_long_poll_whose_time_is_up_says_that_nothing_has_changed()
    {
        var run = await Running();
        var before = await Client.Read($"/runs/{run}");
        using var polling = stack.Caller("vf_dev_secret");
        polling.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", $"\"other\", {before.Headers["ETag"]}");

        Assert.Equal(304, (await polling.Read($"/runs/{run}")).Status);
        Assert.Equal(304, (await polling.Read($"/runs/{run}?wait=1")).Status);
        Assert.Equal(200, (await Client.Read($"/runs/{run}?wait=1")).Status);
        (await Client.Read($"/runs/{run}?wait=61")).IsProblem(400, null, "wait");
        (await Client.Read($"/runs/{run}?wait=x")).IsProblem(400, null, "wait");
        (await Client.Read($"/runs/{Calls.NewId()}?wait=1")).IsProblem(404);
    }

    private static string In(string run) => $"/conversations/{Stack.Conversation}/runs/{run}";

    private async Task<string> Running() =>
        (await Client.Create(Calls.Agent(request: new { agent_id = "writer", initial_status = "running" }))).GetProperty("run").GetProperty("run_id").GetString()!;

    private async Task<string> Ended(int events)
    {
        var run = await Running();
        await Append(run, events);
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });
        return run;
    }

    private async Task Append(string run, int count, string delta = "d")
    {
        var answer = await Client.Post($"{In(run)}/events", new { events = Enumerable.Repeat(new { type = "TEXT_MESSAGE_CONTENT", messageId = "m", delta }, count) });
        Assert.True(answer.Status == 200, answer.ToString());
    }

    private static async Task<List<SentEvent>> Next(IAsyncEnumerator<SentEvent> stream, int count)
    {
        var events = new List<SentEvent>();
        while (events.Count < count)
        {
            Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
            events.Add(stream.Current);
        }

        return events;
    }
}
