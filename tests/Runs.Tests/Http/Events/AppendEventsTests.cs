namespace Runs.Tests.Http;

public sealed class AppendEventsTests(EmbeddedApplication application) : AppendEventsTests<EmbeddedApplication>(application);

public abstract class AppendEventsTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task Appended_events_are_listed_unchanged_after_RUN_STARTED()
    {
        const string Custom = """{"type":"CUSTOM","name":"n","value":{"a.b":1.50,"$x":null,"ü":"\u00fc 🏃"}}""";
        var run = await Client.CreateRunningAgent();

        var appended = await Append(run, EventBodies.Append(Custom, """{ "type" : "TEXT_MESSAGE_START", "messageId":"m" }"""));

        Assert.Equal((3, 2, 2), (appended.LatestEventId, appended.AppendedCount, appended.LatestExternalEventSequence));
        Assert.Equal((3, 2), (appended.Run!.LatestEventId, appended.Run.LatestExternalEventSequence));
        var events = (await Client.ListEvents(run)).Data;
        var inConversation = (await Client.List<ApiConversationEvent>($"{ApiPaths.ConversationRun(run)}/events")).Data;
        Assert.Equal([1, 2, 3], events.Select(logged => logged.EventId));
        Assert.Equal(["RUN_STARTED", "CUSTOM", "TEXT_MESSAGE_START"], events.Select(logged => logged.EventType));
        Assert.Equal(Custom, events[1].Payload.GetRawText());
        Assert.Equal(
            events.Select(logged => logged.Payload.GetRawText()), inConversation.Select(logged => logged.Event.GetRawText()));
        Assert.Equal(
            ["event_id", "event_type", "payload", "created_at"], await GetEventMembers($"/runs/{run}/events"));
        Assert.Equal(["event_id", "event_type", "event"], await GetEventMembers($"{ApiPaths.ConversationRun(run)}/events"));
    }

    [Fact]
    public async Task The_first_append_starts_a_pending_run_and_accepts_the_cursor_of_the_pending_run()
    {
        var run = await CreatePending();

        var appended = await Append(run, EventBodies.AppendAfter(0, 0, EventBodies.Text("a")));

        Assert.Equal((2, 1, 1), (appended.LatestEventId, appended.AppendedCount, appended.LatestExternalEventSequence));
        Assert.Equal("running", appended.Run!.Status);
        Assert.NotNull(appended.Run.StartedAt);
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await ListEventTypes(run));
    }

    [Fact]
    public async Task An_executor_s_RUN_STARTED_event_is_the_first_event_of_a_pending_run()
    {
        var run = await CreatePending();
        var body = EventBodies.AppendAfter(0, 0, """{"type":"RUN_STARTED","threadId":"t","mine":true}""", EventBodies.Text("a"));

        var appended = await Append(run, body);
        var repeated = await Append(run, body);

        Assert.Equal((2, 2, 2), (appended.LatestEventId, appended.AppendedCount, appended.LatestExternalEventSequence));
        Assert.Equal(0, repeated.AppendedCount);
        Assert.True((await Client.ListEvents(run)).Data[0].Payload.GetProperty("mine").GetBoolean());
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await ListEventTypes(run));
    }

    [Fact]
    public async Task A_second_RUN_STARTED_event_is_stored_and_counted_but_hidden()
    {
        var run = await Client.CreateRunningAgent();

        var appended = await Append(run, EventBodies.Append("""{"type":"RUN_STARTED","threadId":"t"}""", EventBodies.Text("a")));

        Assert.Equal((3, 2), (appended.LatestEventId, appended.LatestExternalEventSequence));
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await ListEventTypes(run));
        Assert.Equal(3, (await application.ReadStoredEvents(run)).Count);
    }

    [Fact]
    public async Task Private_events_are_stored_with_ids_but_neither_counted_nor_returned()
    {
        var run = await Client.CreateRunningAgent();
        var body = EventBodies.AppendAfter(
            1,
            null,
            """{"type":"STEP_STARTED","stepName":"s"}""",
            EventBodies.Text("a"),
            """{"type":"AGENT_RUN_MODEL_CALL_CONTEXT","secret":1}""",
            """{"type":"SOMETHING_NEW"}""");

        var appended = await Append(run, body);
        var repeated = await Append(run, body);

        Assert.Equal((5, 4, 1), (appended.LatestEventId, appended.AppendedCount, appended.LatestExternalEventSequence));
        Assert.Equal(0, repeated.AppendedCount);
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await ListEventTypes(run));
        Assert.Equal(
            ["RUN_STARTED", "STEP_STARTED", "TEXT_MESSAGE_CONTENT", "AGENT_RUN_MODEL_CALL_CONTEXT", "SOMETHING_NEW"],
            (await application.ReadStoredEvents(run)).Select(logged => logged.EventType));
        Assert.Equal(2, (await Client.Get($"{ApiPaths.ConversationRun(run)}/snapshot")).Read<ApiLogSnapshot>().Events.Count);
    }

    [Fact]
    public async Task Finished_and_waiting_runs_reject_events_with_the_documented_messages()
    {
        const string Finished = "Cannot append external events to a terminal run";
        const string Waiting = "Cannot append external events while the run is waiting for a tool result";
        var (finished, waiting) = (await Client.CreateRunningAgent(), await Client.CreateRunningAgent());
        await Client.Complete(finished);
        await Client.Wait(waiting, new { reason = "tool", tool_call_id = "call_1" });

        AssertRejected(Finished, await Post(finished, EventBodies.Append(EventBodies.Text("a"))));
        AssertRejected(Finished, await Post(finished, EventBodies.AppendAfter(1, 0, EventBodies.Text("a"))));
        AssertRejected(Waiting, await Post(waiting, EventBodies.Append(EventBodies.Text("a"))));

        static void AssertRejected(string detail, ApiResponse response)
        {
            response.AssertProblem(400);
            Assert.Equal(detail, response.Read<ApiProblem>(400).Detail);
        }
    }

    [Fact]
    public async Task An_append_to_an_unknown_or_inaccessible_run_is_not_found()
    {
        var run = await Client.CreateRunningAgent();
        var (body, otherConversation) = (EventBodies.Append(EventBodies.Text("a")), TestRequests.NewUuid());
        using var other = application.CreateClient(RunsApplication.OtherKey);

        (await Post(TestRequests.NewId(), body)).AssertProblem(404);
        (await Client.Post($"{ApiPaths.ConversationRun(run, otherConversation)}/events", body)).AssertProblem(404);
        (await other.Post($"{ApiPaths.ConversationRun(run)}/events", body)).AssertProblem(404);
        (await other.Get($"/runs/{run}/events")).AssertProblem(404);
        (await Client.Get($"{ApiPaths.ConversationRun(run, otherConversation)}/events")).AssertProblem(404);
        (await Client.Get($"{ApiPaths.ConversationRun(run, otherConversation)}/snapshot")).AssertProblem(404);
        Assert.Single(await application.ReadStoredEvents(run));
    }

    [Fact]
    public async Task A_run_without_a_conversation_has_a_log_too()
    {
        var run = await Client.CreateTask();

        var appended = await Client.Post($"/runs/{run}/events", EventBodies.Append(EventBodies.Text("a")));
        await Client.Complete(run);

        Assert.Equal(
            ["latest_event_id", "appended_count", "latest_external_event_sequence"],
            appended.Body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT", "RUN_FINISHED"], await ListEventTypes(run));
    }

    private async Task<string> CreatePending() =>
        (await Client.Create(TestRequests.AgentBody(request: new { agent_id = "writer", input = new { } }))).Run.RunId;

    private Task<ApiResponse> Post(string run, string body) => Client.Post($"{ApiPaths.ConversationRun(run)}/events", body);

    private async Task<AppendResponse> Append(string run, string body) => (await Post(run, body)).Read<AppendResponse>();

    private async Task<IEnumerable<string>> ListEventTypes(string run) =>
        (await Client.ListEvents(run)).Data.Select(logged => logged.EventType);

    private async Task<IEnumerable<string>> GetEventMembers(string path) =>
        (await Client.Get(path))["data"][0].EnumerateObject().Select(member => member.Name);
}
