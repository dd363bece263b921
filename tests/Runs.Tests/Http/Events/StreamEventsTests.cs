using System.Net;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class StreamEventsTests(EmbeddedApplication application) : StreamEventsTests<EmbeddedApplication>(application);

public abstract class StreamEventsTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_stream_replays_the_log_continues_live_and_ends_with_the_run()
    {
        var run = await Client.CreateRunningAgent();
        await Client.AppendTexts(run, 2);
        await using var stream = Client.ReadEvents(StreamPath(run)).GetAsyncEnumerator();

        var replayed = await stream.ReadNext(3);
        await Client.AppendTexts(run, 2);
        var live = await stream.ReadNext(2);
        await Client.Complete(run);
        var last = await stream.ReadNext(1);

        Assert.Equal([1, 2, 3, 4, 5, 6], replayed.Concat(live).Concat(last).Select(sent => sent.Id));
        Assert.Equal("RUN_STARTED", replayed[0].Type);
        Assert.Equal("RUN_FINISHED", last[0].Type);
        Assert.All(replayed, sent => Assert.Equal(sent.Type, sent.Data.GetProperty("type").GetString()));
        Assert.False(await stream.MoveNextAsync());
        Assert.Equal("completed", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_reader_after_the_last_event_gets_204()
    {
        var run = await Client.CreateFinishedAgent(events: 1);
        using var request = new HttpRequestMessage(HttpMethod.Get, StreamPath(run)) { Headers = { { "Last-Event-ID", "3" } } };

        using var response = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode); // after any other status a browser reconnects
    }

    [Fact]
    public async Task A_stream_can_be_opened_before_the_run_has_started()
    {
        var run = (await Client.Create(TestRequests.AgentBody())).Run.RunId;
        await using var stream = Client.ReadEvents(StreamPath(run)).GetAsyncEnumerator();
        var first = stream.MoveNextAsync();

        await application.Bus.Publish(new StartRun { Tenant = "dev", RunId = run });

        Assert.True(await first);
        Assert.Equal("RUN_STARTED", stream.Current.Type);
        await Client.Cancel(run);
        Assert.Equal("CANCELLED", (await stream.ReadNext(1))[0].Data.GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_idle_stream_sends_heartbeat_comments()
    {
        var run = await Client.CreateRunningAgent();
        using var response = await Client.OpenStream(StreamPath(run));
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
        var run = await Client.CreateRunningAgent();
        using var response = await Client.OpenStream(StreamPath(run));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var hidden = Task.Run(async () =>
        {
            while ((await Client.Post($"/runs/{run}/events", EventBodies.Append("""{"type":"STEP_STARTED"}"""))).Status == 200)
            {
            }
        });
        while (await reader.ReadLineAsync() is { } line && !line.StartsWith(": still", StringComparison.Ordinal))
        {
        }

        await Client.Cancel(run);
        await hidden;
    }

    [Fact]
    public async Task Hidden_events_are_not_streamed_and_line_breaks_in_events_are_preserved()
    {
        const string Custom = "{\r\n\"type\":\"CUSTOM\",\n\n\"value\":\"a\\nb\"}";
        var run = await Client.CreateRunningAgent();
        await Client.Append(run, EventBodies.Append("""{"type":"STEP_STARTED"}""", Custom));
        await Client.Cancel(run);

        var events = await Client.ReadEvents(StreamPath(run)).ToListAsync();

        Assert.Equal([1, 3, 4], events.Select(sent => sent.Id));
        Assert.Equal("a\nb", events[1].Data.GetProperty("value").GetString());
    }

    [Fact]
    public async Task An_event_without_a_change_notification_is_streamed()
    {
        var run = await Client.CreateRunningAgent();
        await using var stream = Client.ReadEvents(StreamPath(run)).GetAsyncEnumerator();
        await stream.ReadNext(1);

        // As if the notification of another process had been lost.
        var stored = (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
        var appended = new RunEvent(2, "CUSTOM", true, 1, stored.CreatedAt, new RawJson("""{"type":"CUSTOM"}"""));
        await application.Store.TryAppend(RunHead.From(stored), [appended], default);

        Assert.Equal(2, (await stream.ReadNext(1))[0].Id);
    }

    [Fact]
    public async Task The_stream_of_an_unknown_or_inaccessible_run_is_not_found()
    {
        var run = await Client.CreateRunningAgent();
        using var other = application.CreateClient(RunsApplication.OtherKey);
        using var anonymous = application.CreateClient(null);

        (await Client.Get($"/runs/{TestRequests.NewId()}/stream")).AssertProblem(404);
        (await Client.Get($"{ApiPaths.ConversationRun(run, TestRequests.NewUuid())}/stream")).AssertProblem(404);
        (await other.Get(StreamPath(run))).AssertProblem(404);
        (await anonymous.Get(StreamPath(run))).AssertProblem(401);
    }

    [Fact]
    public async Task A_stalled_reader_does_not_delay_other_readers()
    {
        var run = await Client.CreateRunningAgent();
        using var idle = await Client.OpenStream(StreamPath(run)); // its body is never read, so that its connection fills up
        await using var stream = Client.ReadEvents(StreamPath(run)).GetAsyncEnumerator();
        await stream.ReadNext(1);

        for (var batch = 0; batch < 20; batch++)
        {
            await Client.AppendTexts(run, 10, new string('x', 100_000));
        }

        Assert.Equal(200, (await stream.ReadNext(200)).Count);
    }

    private static string StreamPath(string run) => $"{ApiPaths.ConversationRun(run)}/stream";
}
