namespace Runs.Tests.Http;

public sealed class RunLogTests(EmbeddedApplication application) : RunLogTests<EmbeddedApplication>(application);

/// <summary>Reading a run's log: pages, the event of the outcome, and snapshots.</summary>
public abstract class RunLogTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task Events_are_paged_and_the_last_page_has_no_next_cursor()
    {
        var run = await Client.CreateRunningAgent();
        var texts = Enumerable.Range(0, 8).Select(i => EventBodies.Text($"{i}"));
        await Client.Append(run, EventBodies.Append([.. texts, """{"type":"STEP_FINISHED"}"""]));

        var first = await Client.ListEvents(run, "?limit=4");
        var second = await Client.ListEvents(run, $"?limit=4&after_event_id={first.PageInfo.Next}");
        var third = await Client.Get($"/runs/{run}/events?limit=4&cursor={second.PageInfo.Next}");

        var pages = new[] { first, second, third.Read<ApiPage<ApiEvent>>() };
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], pages.SelectMany(page => page.Data).Select(logged => logged.EventId));
        Assert.Equal("""{"self":"8","first":null,"next":null,"prev":null}""", third["page_info"].GetRawText());
    }

    [Theory]
    [InlineData("after_event_id=-1", "after_event_id")]
    [InlineData("after_event_id=x", "after_event_id")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task An_invalid_query_is_rejected(string query, string parameter) =>
        (await Client.Get($"/runs/{await Client.CreateRunningAgent()}/events?{query}")).AssertProblem(400, null, parameter);

    [Theory]
    [InlineData("completed", "RUN_FINISHED", null, """{"model":"m"}""", null)]
    [InlineData("failed", "RUN_ERROR", "BROKEN", null, "It broke.")]
    [InlineData("cancelled", "RUN_ERROR", "CANCELLED", null, "The run was cancelled.")]
    public async Task The_last_event_is_the_outcome(string status, string type, string? code, string? metadata, string? message)
    {
        var run = await Client.CreateRunningAgent();

        await Client.Complete(run, $$"""
            {"status":"{{status}}","metadata":{{metadata ?? "null"}},
             "terminal_error_code":"BROKEN","terminal_error_message":"It broke."}
            """);

        var last = (await Client.ListEvents(run)).Data[^1].Payload;
        Assert.Equal(type, GetString("type"));
        Assert.Equal(run, GetString("runId"));
        Assert.Equal(RunsApplication.Conversation, GetString("threadId"));
        Assert.Equal(code, GetString("code"));
        Assert.Equal(message, GetString("message"));
        Assert.Equal(metadata, last.TryGetProperty("metadata", out var found) ? found.GetRawText() : null);

        string? GetString(string member) => last.TryGetProperty(member, out var value) ? value.GetString() : null;
    }

    [Fact]
    public async Task A_run_that_finished_before_it_started_has_only_its_outcome_event()
    {
        var run = (await Client.Create(TestRequests.AgentBody())).Run.RunId;

        await Client.Cancel(run);

        var only = Assert.Single((await Client.ListEvents(run)).Data);
        Assert.Equal((1, "CANCELLED"), (only.EventId, only.Payload.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_snapshot_merges_deltas_and_returns_the_cursor_for_the_stream()
    {
        var run = await Client.CreateRunningAgent();
        await Client.Append(run, EventBodies.Append(
            """{"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"}""",
            Text("m1", "Hel"),
            """{"type":"TOOL_CALL_START","toolCallId":"c1","toolCallName":"t"}""",
            ToolCallArguments("{\\\"a\\\""),
            Text("m1", "lo \\ud83c\\udfc3"),
            ToolCallArguments(":1}"),
            Text("m2", "other"),
            """{"type":"TEXT_MESSAGE_END","messageId":"m1"}""",
            """{"type":"STEP_FINISHED"}"""));

        var response = await Client.Get($"{ApiPaths.ConversationRun(run)}/snapshot");

        Assert.Equal(["after_event_id", "events"], response.Body.EnumerateObject().Select(member => member.Name));
        var snapshot = response.Read<ApiLogSnapshot>();
        Assert.Equal(10, snapshot.AfterEventId);
        Assert.Equal([1, 2, 3, 4, 5, 8, 9], snapshot.Events.Select(logged => logged.EventId));
        Assert.Equal("Hello 🏃", GetDelta(snapshot.Events[2]));
        Assert.Equal("""{"a":1}""", GetDelta(snapshot.Events[4]));
        Assert.Equal("other", GetDelta(snapshot.Events[5]));

        static string Text(string message, string delta) =>
            $$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"{{message}}","delta":"{{delta}}","elapsedMs":1}""";

        static string ToolCallArguments(string delta) =>
            $$"""{"type":"TOOL_CALL_ARGS","toolCallId":"c1","delta":"{{delta}}","elapsedMs":1}""";

        static string? GetDelta(ApiSnapshotEvent logged) => logged.Event.GetProperty("delta").GetString();
    }
}
