namespace Runs.Tests.Http;

public sealed class AppendLimitsTests(EmbeddedApplication application) : AppendLimitsTests<EmbeddedApplication>(application);

/// <summary>What an append may contain: the form, the number and the size of its events.</summary>
public abstract class AppendLimitsTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Theory]
    [InlineData("{}", "/events")]
    [InlineData("""{"events":[]}""", "/events")]
    [InlineData("""{"events":{}}""", "/events")]
    [InlineData("""{"events":[1]}""", "/events/0")]
    [InlineData("""{"events":[{"type":"CUSTOM"},{}]}""", "/events/1/type")]
    [InlineData("""{"events":[{"type":""}]}""", "/events/0/type")]
    [InlineData("""{"events":[{"type":7}]}""", "/events/0/type")]
    [InlineData("""{"events":[{"type":"RUN_FINISHED"}]}""", "/events/0/type")]
    [InlineData("""{"events":[{"type":"RUN_ERROR","message":"m"}]}""", "/events/0/type")]
    [InlineData("""{"events":[{"type":"CUSTOM","elapsedMs":-1}]}""", "/events/0/elapsedMs")]
    [InlineData("""{"events":[{"type":"CUSTOM","emittedAt":1.5}]}""", "/events/0/emittedAt")]
    [InlineData("""{"events":[{"type":"CUSTOM"}],"expected_previous_event_id":-1}""", "/expected_previous_event_id")]
    [InlineData(
        """{"events":[{"type":"CUSTOM"}],"expected_previous_external_event_sequence":"0"}""",
        "/expected_previous_external_event_sequence")]
    public async Task An_invalid_append_is_rejected_and_stores_nothing(string body, string pointer)
    {
        var run = await Client.CreateRunningAgent();

        (await Post(run, body)).AssertProblem(400, null, pointer);

        Assert.Single(await application.ReadStoredEvents(run));
    }

    [Fact]
    public async Task An_append_takes_100_events_and_rejects_101()
    {
        var run = await Client.CreateRunningAgent();
        var events = Enumerable.Range(0, 101).Select(i => EventBodies.Text($"{i}")).ToArray();

        (await Post(run, EventBodies.Append(events))).AssertProblem(400, null, "/events");
        var appended = await Append(run, events[..100]);

        Assert.Equal(100, appended.AppendedCount);
    }

    [Fact]
    public async Task An_event_of_256_KB_is_rejected_with_the_documented_message_and_nothing_is_stored()
    {
        var run = await Client.CreateRunningAgent();
        var largestDelta = (256 * 1024) - EventBodies.Text("").Length - 1;

        var rejected = await Post(run, EventBodies.Append(EventBodies.Text("a"), EventBodies.Text(new string('x', largestDelta + 1))));
        await Append(run, EventBodies.Text(new string('x', largestDelta)));

        rejected.AssertProblem(400);
        Assert.Equal("Agent run event payload must be less than 256 KB", rejected.Read<ApiProblem>(400).Detail);
        Assert.Equal(2, (await application.ReadStoredEvents(run)).Count);
    }

    [Fact]
    public async Task A_model_call_context_event_may_exceed_256_KB_but_not_2_MB()
    {
        var run = await Client.CreateRunningAgent();

        await Append(run, Context(1_900_000));
        var rejected = await Post(run, EventBodies.Append(Context(2_000_000)));

        rejected.AssertProblem(400);
        Assert.Equal("Agent run request snapshot payload must be less than 2 MB", rejected.Read<ApiProblem>(400).Detail);

        static string Context(int size) => $$"""{"type":"AGENT_RUN_MODEL_CALL_CONTEXT","messages":"{{new string('x', size)}}"}""";
    }

    [Fact]
    public async Task An_append_of_the_maximum_body_size_is_stored_and_the_run_continues()
    {
        var run = await Client.CreateRunningAgent();
        var events = Enumerable.Range(0, 41).Select(i => EventBodies.Text(new string((char)('a' + (i % 26)), 250_000))).ToArray();

        await Append(run, events);
        await Append(run, EventBodies.Text("next"));
        await Client.Complete(run, new { status = "completed", logs = new string('l', 1_000_000) });

        Assert.Equal(44, (await application.ReadStoredEvents(run)).Count);
    }

    [Fact]
    public async Task A_run_with_a_very_large_request_accepts_events_in_smaller_batches()
    {
        var run = TestRequests.NewId();
        var request = new { target = "task:t", config = new { a = new string('x', 9 * 1024 * 1024) } };
        await Client.Create(TestRequests.TaskBody(run, request));
        var events = Enumerable.Range(0, 36).Select(_ => EventBodies.Text(new string('y', 250_000))).ToArray();

        (await Client.Post($"/runs/{run}/events", EventBodies.Append(events))).AssertProblem(413);
        await Client.Append(run, EventBodies.Append(events[..18]));
        await Client.Append(run, EventBodies.Append(events[18..]));
        var outcome = new { status = "completed", logs = new string('l', 4 * 1024 * 1024) };
        Assert.Equal(200, (await Client.Post($"/runs/{run}/complete", outcome)).Status);
    }

    private Task<ApiResponse> Post(string run, string body) => Client.Post($"{ApiPaths.ConversationRun(run)}/events", body);

    private async Task<AppendResponse> Append(string run, params string[] events) =>
        (await Post(run, EventBodies.Append(events))).Read<AppendResponse>();
}
