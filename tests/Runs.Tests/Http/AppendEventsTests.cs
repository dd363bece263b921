using System.Text.Json;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class EmbeddedAppendEventsTests(EmbeddedApplication application) : AppendEventsTests<EmbeddedApplication>(application);

public abstract class AppendEventsTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string Mismatch = "External run event cursor mismatch";

    private HttpClient Client => application.Client;

    [Fact]
    public async Task Appended_events_are_listed_unchanged_after_RUN_STARTED()
    {
        var run = await CreateRunning();

        var answer = await Append(run, """{"type":"CUSTOM","name":"n","value":{"a.b":1.50,"$x":null,"ü":"\u00fc 🏃"}}""", """{ "type" : "TEXT_MESSAGE_START", "messageId":"m" }""");

        Assert.Equal((3, 2, 2), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(3, answer["run"].GetProperty("latest_event_id").GetInt64());
        Assert.Equal(2, answer["run"].GetProperty("latest_external_event_sequence").GetInt64());
        var canonical = (await Client.Get($"/runs/{run}/events"))["data"].EnumerateArray().ToList();
        var conversation = (await Client.Get($"{PathOf(run)}/events"))["data"].EnumerateArray().ToList();
        Assert.Equal([1, 2, 3], canonical.Select(logged => logged.GetProperty("event_id").GetInt64()));
        Assert.Equal(["RUN_STARTED", "CUSTOM", "TEXT_MESSAGE_START"], canonical.Select(logged => logged.GetProperty("event_type").GetString()));
        Assert.Equal("""{"type":"CUSTOM","name":"n","value":{"a.b":1.50,"$x":null,"ü":"\u00fc 🏃"}}""", canonical[1].GetProperty("payload").GetRawText());
        Assert.Equal(["event_id", "event_type", "payload", "created_at"], canonical[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(["event_id", "event_type", "event"], conversation[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(canonical.Select(logged => logged.GetProperty("payload").GetRawText()), conversation.Select(logged => logged.GetProperty("event").GetRawText()));
    }

    [Fact]
    public async Task The_first_append_starts_a_pending_run_and_accepts_the_cursor_of_the_pending_run()
    {
        var run = await CreatePending();

        var answer = await Append(run, ExpectedCursors(0, 0), TextEvent("a"));

        Assert.Equal((2, 1, 1), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal("running", answer["run"].GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.String, answer["run"].GetProperty("started_at").ValueKind);
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await ListEventTypes(run));
    }

    [Fact]
    public async Task An_executor_s_RUN_STARTED_event_is_the_first_event_of_a_pending_run()
    {
        var run = await CreatePending();

        var answer = await Append(run, ExpectedCursors(0, 0), """{"type":"RUN_STARTED","threadId":"t","mine":true}""", TextEvent("a"));
        var again = await Append(run, ExpectedCursors(0, 0), """{"type":"RUN_STARTED","threadId":"t","mine":true}""", TextEvent("a"));

        Assert.Equal((2, 2, 2), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(0, again["appended_count"].GetInt32());
        Assert.True((await Client.Get($"/runs/{run}/events"))["data"][0].GetProperty("payload").GetProperty("mine").GetBoolean());
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await ListEventTypes(run));
    }

    [Fact]
    public async Task A_second_RUN_STARTED_event_is_stored_and_counted_but_hidden()
    {
        var run = await CreateRunning();

        var answer = await Append(run, """{"type":"RUN_STARTED","threadId":"t"}""", TextEvent("a"));

        Assert.Equal((3, 2), (answer["latest_event_id"].GetInt64(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await ListEventTypes(run));
        Assert.Equal(3, (await ReadStoredEvents(run)).Count);
    }

    [Theory]
    [InlineData(2L, 1L, true)]
    [InlineData(2L, null, true)]
    [InlineData(null, 1L, true)]
    [InlineData(null, null, true)]
    [InlineData(3L, null, false)]
    [InlineData(1L, null, false)]
    [InlineData(0L, null, false)]
    [InlineData(null, 2L, false)]
    [InlineData(null, 0L, false)]
    [InlineData(2L, 0L, false)]
    [InlineData(1L, 1L, false)]
    [InlineData(9_000_000_000L, 9_000_000_000L, false)]
    public async Task An_append_requires_the_cursor_of_the_last_event(long? eventId, long? sequence, bool isRight)
    {
        var run = await CreateRunning();
        await Append(run, TextEvent("first"));

        var answer = await Client.Post($"{PathOf(run)}/events", Body(ExpectedCursors(eventId, sequence), TextEvent("second")));

        if (isRight)
        {
            Assert.True(answer.Status == 200 && answer["appended_count"].GetInt32() == 1, answer.ToString());
        }
        else
        {
            answer.AssertProblem(400, Mismatch);
            Assert.Equal(Mismatch, answer["detail"].GetString());
            Assert.Equal(2, (await ReadStoredEvents(run)).Count);
        }
    }

    [Theory]
    [InlineData(1L, null)]
    [InlineData(null, 0L)]
    [InlineData(1L, 0L)]
    public async Task A_retried_append_returns_the_stored_result(long? eventId, long? sequence)
    {
        var run = await CreateRunning();
        var cursors = ExpectedCursors(eventId, sequence);
        await Append(run, cursors, TextEvent("a"), """{"type":"CUSTOM","value":1}""");

        var again = await Append(run, cursors, TextEvent("a"), """{ "value" : 1.0, "type" : "CUSTOM" }""");
        await Append(run, TextEvent("later"));
        var muchLater = await Append(run, cursors, TextEvent("a"), """{"type":"CUSTOM","value":1}""");

        Assert.Equal((3, 0, 2), (again["latest_event_id"].GetInt64(), again["appended_count"].GetInt32(), again["latest_external_event_sequence"].GetInt64()));
        Assert.Equal((4, 0, 3), (muchLater["latest_event_id"].GetInt64(), muchLater["appended_count"].GetInt32(), muchLater["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(4, (await ReadStoredEvents(run)).Count);
    }

    // Not every comparison of JSON numbers knows exponents of this size.
    [Fact]
    public async Task A_retried_append_with_an_equal_number_in_another_notation_is_recognized()
    {
        var run = await CreateRunning();
        var cursors = ExpectedCursors(1, 0);
        await Append(run, cursors, """{"type":"CUSTOM","value":1e99999999999}""");

        var again = await Append(run, cursors, """{"type":"CUSTOM","value":1E99999999999}""");
        var other = await Client.Post($"{PathOf(run)}/events", Body(cursors, """{"type":"CUSTOM","value":2e99999999999}"""));

        Assert.Equal((2, 0), (again["latest_event_id"].GetInt64(), again["appended_count"].GetInt32()));
        other.AssertProblem(400, Mismatch);
    }

    [Fact]
    public async Task A_retried_append_that_begins_with_a_hidden_event_is_recognized_by_its_sequence()
    {
        var run = await CreateRunning();
        await Append(run, """{"type":"STEP_FINISHED","n":0}""");
        var cursors = ExpectedCursors(null, 0);
        await Append(run, cursors, """{"type":"STEP_STARTED","n":1}""", TextEvent("a"));

        var again = await Append(run, cursors, """{"type":"STEP_STARTED","n":1}""", TextEvent("a"));

        Assert.Equal((4, 0), (again["latest_event_id"].GetInt64(), again["appended_count"].GetInt32()));
    }

    [Fact]
    public async Task A_retried_append_returns_the_stored_result_after_the_run_has_finished()
    {
        var run = await CreateRunning();
        var cursors = ExpectedCursors(1, 0);
        await Append(run, cursors, TextEvent("a"));
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });

        var again = await Append(run, cursors, TextEvent("a"));

        Assert.Equal((3, 0, 1), (again["latest_event_id"].GetInt64(), again["appended_count"].GetInt32(), again["latest_external_event_sequence"].GetInt64()));
    }

    [Theory]
    [InlineData(1L, null)]
    [InlineData(null, 0L)]
    public async Task A_partially_stored_batch_appends_only_the_rest(long? eventId, long? sequence)
    {
        var run = await CreateRunning();
        var cursors = ExpectedCursors(eventId, sequence);
        await Append(run, cursors, TextEvent("a"), TextEvent("b"));

        var answer = await Append(run, cursors, TextEvent("a"), TextEvent("b"), TextEvent("c"));

        Assert.Equal((4, 1, 3), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(["a", "b", "c"], (await ReadStoredEvents(run)).Skip(1).Select(logged => logged.Event.ToElement().GetProperty("delta").GetString()));
    }

    [Fact]
    public async Task An_append_that_conflicts_with_the_log_is_rejected()
    {
        var run = await CreateRunning();
        var cursors = ExpectedCursors(1, null);
        await Append(run, cursors, TextEvent("a"), TextEvent("b"));

        (await Client.Post($"{PathOf(run)}/events", Body(cursors, TextEvent("b"), TextEvent("a")))).AssertProblem(400, Mismatch);
        (await Client.Post($"{PathOf(run)}/events", Body(cursors, TextEvent("a"), TextEvent("x"), TextEvent("c")))).AssertProblem(400, Mismatch);
        Assert.Equal(3, (await ReadStoredEvents(run)).Count);
    }

    [Fact]
    public async Task Private_events_are_stored_with_ids_but_neither_counted_nor_returned()
    {
        var run = await CreateRunning();
        var cursors = ExpectedCursors(1, null);
        string[] events = ["""{"type":"STEP_STARTED","stepName":"s"}""", TextEvent("a"), """{"type":"AGENT_RUN_MODEL_CALL_CONTEXT","secret":1}""", """{"type":"SOMETHING_NEW"}"""];

        var answer = await Append(run, cursors, events);
        var again = await Append(run, cursors, events);

        Assert.Equal((5, 4, 1), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(0, again["appended_count"].GetInt32());
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await ListEventTypes(run));
        Assert.Equal(["RUN_STARTED", "STEP_STARTED", "TEXT_MESSAGE_CONTENT", "AGENT_RUN_MODEL_CALL_CONTEXT", "SOMETHING_NEW"], (await ReadStoredEvents(run)).Select(logged => logged.EventType));
        Assert.Equal(2, (await Client.Get($"{PathOf(run)}/snapshot"))["events"].GetArrayLength());
    }

    [Fact]
    public async Task Finished_and_waiting_runs_reject_events_with_the_documented_messages()
    {
        var (ended, waiting) = (await CreateRunning(), await CreateRunning());
        await Client.Post($"/runs/{ended}/complete", new { status = "completed" });
        await Client.Post($"/runs/{waiting}/wait", new { reason = "tool", tool_call_id = "call_1" });

        var toEnded = await Client.Post($"{PathOf(ended)}/events", Body(null, TextEvent("a")));
        var toWaiting = await Client.Post($"{PathOf(waiting)}/events", Body(null, TextEvent("a")));

        toEnded.AssertProblem(400);
        toWaiting.AssertProblem(400);
        Assert.Equal("Cannot append external events to a terminal run", toEnded["detail"].GetString());
        Assert.Equal("Cannot append external events to a terminal run", (await Client.Post($"{PathOf(ended)}/events", Body(ExpectedCursors(1, 0), TextEvent("a"))))["detail"].GetString());
        Assert.Equal("Cannot append external events while the run is waiting for a tool result", toWaiting["detail"].GetString());
    }

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
    [InlineData("""{"events":[{"type":"CUSTOM"}],"expected_previous_external_event_sequence":"0"}""", "/expected_previous_external_event_sequence")]
    public async Task An_invalid_append_is_rejected_and_stores_nothing(string body, string at)
    {
        var run = await CreateRunning();

        (await Client.Post($"{PathOf(run)}/events", body)).AssertProblem(400, null, at);

        Assert.Single(await ReadStoredEvents(run));
    }

    [Fact]
    public async Task An_append_takes_100_events_and_rejects_101()
    {
        var run = await CreateRunning();
        var events = Enumerable.Range(0, 101).Select(i => TextEvent($"{i}")).ToArray();

        (await Client.Post($"{PathOf(run)}/events", Body(null, events))).AssertProblem(400, null, "/events");
        var answer = await Append(run, events[..100]);

        Assert.Equal(100, answer["appended_count"].GetInt32());
    }

    [Fact]
    public async Task An_event_of_256_KB_is_rejected_with_the_documented_message_and_nothing_is_stored()
    {
        var run = await CreateRunning();
        var envelope = TextEvent("").Length;

        var answer = await Client.Post($"{PathOf(run)}/events", Body(null, TextEvent("a"), TextEvent(new string('x', (256 * 1024) - envelope))));
        await Append(run, TextEvent(new string('x', (256 * 1024) - envelope - 1)));

        answer.AssertProblem(400);
        Assert.Equal("Agent run event payload must be less than 256 KB", answer["detail"].GetString());
        Assert.Equal(2, (await ReadStoredEvents(run)).Count);
    }

    [Fact]
    public async Task A_model_call_context_event_may_exceed_256_KB_but_not_2_MB()
    {
        var run = await CreateRunning();
        string Context(int size) => $$"""{"type":"AGENT_RUN_MODEL_CALL_CONTEXT","messages":"{{new string('x', size)}}"}""";

        await Append(run, Context(1_900_000));
        var answer = await Client.Post($"{PathOf(run)}/events", Body(null, Context(2_000_000)));

        answer.AssertProblem(400);
        Assert.Equal("Agent run request snapshot payload must be less than 2 MB", answer["detail"].GetString());
    }

    [Fact]
    public async Task An_append_of_the_maximum_body_size_is_stored_and_the_run_continues()
    {
        var run = await CreateRunning();
        var events = Enumerable.Range(0, 41).Select(i => TextEvent(new string((char)('a' + (i % 26)), 250_000))).ToArray();

        await Append(run, events);
        await Append(run, TextEvent("next"));
        var completed = await Client.Post($"/runs/{run}/complete", new { status = "completed", logs = new string('l', 1_000_000) });

        Assert.Equal(200, completed.Status);
        Assert.Equal(44, (await ReadStoredEvents(run)).Count);
    }

    [Fact]
    public async Task A_run_with_a_very_large_request_accepts_events_in_smaller_batches()
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run, new { target = "task:t", config = new { a = new string('x', 9 * 1024 * 1024) } }));
        var events = Enumerable.Range(0, 36).Select(_ => TextEvent(new string('y', 250_000))).ToArray();

        (await Client.Post($"/runs/{run}/events", Body(null, events))).AssertProblem(413);
        Assert.Equal(200, (await Client.Post($"/runs/{run}/events", Body(null, events[..18]))).Status);
        Assert.Equal(200, (await Client.Post($"/runs/{run}/events", Body(null, events[18..]))).Status);
        Assert.Equal(200, (await Client.Post($"/runs/{run}/complete", new { status = "completed", logs = new string('l', 4 * 1024 * 1024) })).Status);
    }

    [Fact]
    public async Task An_append_to_an_unknown_or_inaccessible_run_is_not_found()
    {
        var run = await CreateRunning();
        using var other = application.CreateClient("vf_other_s_e_cret");

        (await Client.Post($"{PathOf(TestRequests.NewId())}/events", Body(null, TextEvent("a")))).AssertProblem(404);
        (await Client.Post($"/conversations/{TestRequests.NewUuid()}/runs/{run}/events", Body(null, TextEvent("a")))).AssertProblem(404);
        (await other.Post($"{PathOf(run)}/events", Body(null, TextEvent("a")))).AssertProblem(404);
        (await other.Get($"/runs/{run}/events")).AssertProblem(404);
        (await Client.Get($"/conversations/{TestRequests.NewUuid()}/runs/{run}/events")).AssertProblem(404);
        (await Client.Get($"/conversations/{TestRequests.NewUuid()}/runs/{run}/snapshot")).AssertProblem(404);
        Assert.Single(await ReadStoredEvents(run));
    }

    [Fact]
    public async Task A_run_without_a_conversation_has_a_log_too()
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run));

        var answer = await Client.Post($"/runs/{run}/events", Body(null, TextEvent("a")));
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });

        Assert.Equal(["latest_event_id", "appended_count", "latest_external_event_sequence"], answer.Body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT", "RUN_FINISHED"], await ListEventTypes(run));
    }

    [Fact]
    public async Task Events_are_paged_and_the_last_page_has_no_next_cursor()
    {
        var run = await CreateRunning();
        await Append(run, [.. Enumerable.Range(0, 9).Select(i => i == 8 ? """{"type":"STEP_FINISHED"}""" : TextEvent($"{i}"))]);

        var first = await Client.Get($"/runs/{run}/events?limit=4");
        var second = await Client.Get($"/runs/{run}/events?limit=4&after_event_id={first["page_info"].GetProperty("next").GetString()}");
        var third = await Client.Get($"/runs/{run}/events?limit=4&cursor={second["page_info"].GetProperty("next").GetString()}");

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], new[] { first, second, third }.SelectMany(page => page["data"].EnumerateArray()).Select(logged => logged.GetProperty("event_id").GetInt64()));
        Assert.Equal("""{"self":"8","first":null,"next":null,"prev":null}""", third["page_info"].GetRawText());
    }

    [Theory]
    [InlineData("after_event_id=-1", "after_event_id")]
    [InlineData("after_event_id=x", "after_event_id")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task An_invalid_query_is_rejected(string query, string at) => (await Client.Get($"/runs/{await CreateRunning()}/events?{query}")).AssertProblem(400, null, at);

    [Theory]
    [InlineData("completed", "RUN_FINISHED", null, """{"model":"m"}""")]
    [InlineData("failed", "RUN_ERROR", "BROKEN", null)]
    [InlineData("cancelled", "RUN_ERROR", "CANCELLED", null)]
    public async Task The_last_event_is_the_outcome(string status, string type, string? code, string? metadata)
    {
        var run = await CreateRunning();

        await Client.Post($"/runs/{run}/complete", $$"""{"status":"{{status}}","metadata":{{metadata ?? "null"}},"terminal_error_code":"BROKEN","terminal_error_message":"It broke."}""");

        var last = (await Client.Get($"/runs/{run}/events"))["data"].EnumerateArray().Last().GetProperty("payload");
        Assert.Equal(type, last.GetProperty("type").GetString());
        Assert.Equal(run, last.GetProperty("runId").GetString());
        Assert.Equal(RunsApplication.Conversation, last.GetProperty("threadId").GetString());
        Assert.Equal(code, last.TryGetProperty("code", out var found) ? found.GetString() : null);
        Assert.Equal(metadata, last.TryGetProperty("metadata", out var told) ? told.GetRawText() : null);
        Assert.Equal(status == "failed" ? "It broke." : status == "cancelled" ? "The run was cancelled." : null, last.TryGetProperty("message", out var message) ? message.GetString() : null);
    }

    [Fact]
    public async Task A_run_that_finished_before_it_started_has_only_its_outcome_event()
    {
        var run = await CreatePending();

        await Client.Post($"/runs/{run}/cancel");

        var only = Assert.Single((await Client.Get($"/runs/{run}/events"))["data"].EnumerateArray());
        Assert.Equal((1, "CANCELLED"), (only.GetProperty("event_id").GetInt64(), only.GetProperty("payload").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_snapshot_merges_deltas_and_returns_the_cursor_for_the_stream()
    {
        var run = await CreateRunning();
        string Piece(string type, string of, string id, string delta) => $$"""{"type":"{{type}}","{{of}}":"{{id}}","delta":"{{delta}}","elapsedMs":1}""";
        await Append(run,
            """{"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"}""", Piece("TEXT_MESSAGE_CONTENT", "messageId", "m1", "Hel"),
            """{"type":"TOOL_CALL_START","toolCallId":"c1","toolCallName":"t"}""", Piece("TOOL_CALL_ARGS", "toolCallId", "c1", "{\\\"a\\\""),
            Piece("TEXT_MESSAGE_CONTENT", "messageId", "m1", "lo \\ud83c\\udfc3"), Piece("TOOL_CALL_ARGS", "toolCallId", "c1", ":1}"),
            Piece("TEXT_MESSAGE_CONTENT", "messageId", "m2", "other"), """{"type":"TEXT_MESSAGE_END","messageId":"m1"}""", """{"type":"STEP_FINISHED"}""");

        var snapshot = await Client.Get($"{PathOf(run)}/snapshot");

        Assert.Equal(["after_event_id", "events"], snapshot.Body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(10, snapshot["after_event_id"].GetInt64());
        var events = snapshot["events"].EnumerateArray().ToList();
        Assert.Equal([1, 2, 3, 4, 5, 8, 9], events.Select(logged => logged.GetProperty("event_id").GetInt64()));
        Assert.Equal("Hello 🏃", events[2].GetProperty("event").GetProperty("delta").GetString());
        Assert.Equal("""{"a":1}""", events[4].GetProperty("event").GetProperty("delta").GetString());
        Assert.Equal("other", events[5].GetProperty("event").GetProperty("delta").GetString());
    }

    [Fact]
    public async Task Children_are_listed_by_parent_run_and_by_parent_conversation()
    {
        var (parent, spawner, call) = (await CreateRunning(), TestRequests.NewUuid(), TestRequests.NewId());
        var child = await Client.Create(TestRequests.AgentBody().With("parent_run_id", parent).With("trigger", new { conversation_id = spawner, message_id = TestRequests.NewUuid(), tool_call_id = call }));
        await Client.Create(TestRequests.TaskBody().With("parent_run_id", parent));
        var id = child.GetProperty("run").GetProperty("run_id").GetString();

        var ofRun = await Client.Get($"{PathOf(parent)}/children");
        var ofConversation = await Client.Get($"/conversations/{spawner}/runs/children-by-parent-conversation?spawned_from_tool_call_id={call}");

        Assert.Equal([id], ofRun["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
        Assert.Equal([id], ofConversation["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
        Assert.Equal(spawner, ofConversation["data"][0].GetProperty("parent_conversation_id").GetString());
        Assert.Empty((await Client.Get($"/conversations/{spawner}/runs/children-by-parent-conversation?spawned_from_tool_call_id=another"))["data"].EnumerateArray());
        (await Client.Get($"/conversations/{spawner}/runs/children-by-parent-conversation?spawned_from_tool_call_id={new string('x', 129)}")).AssertProblem(400);
        (await Client.Get($"/conversations/{TestRequests.NewUuid()}/runs/{parent}/children")).AssertProblem(404);
    }

    private static string PathOf(string run) => $"/conversations/{RunsApplication.Conversation}/runs/{run}";

    private static string TextEvent(string delta) => $$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"{{delta}}"}""";

    private static string ExpectedCursors(long? eventId, long? sequence) => JsonSerializer.Serialize(
        new Dictionary<string, long?> { ["expected_previous_event_id"] = eventId, ["expected_previous_external_event_sequence"] = sequence })[1..^1];

    private static string Body(string? cursors, params string[] events) => $"{{\"events\":[{string.Join(',', events)}]{(cursors is null ? "" : $",{cursors}")}}}";

    private Task<ApiResponse> Append(string run, params string[] events) => Append(run, events[0].StartsWith('{') ? null : events[0], events[0].StartsWith('{') ? events : events[1..]);

    private async Task<ApiResponse> Append(string run, string? cursors, string[] events)
    {
        var answer = await Client.Post($"{PathOf(run)}/events", Body(cursors, events));
        Assert.True(answer.Status == 200, answer.ToString());
        return answer;
    }

    private async Task<string> CreateRunning() => await Create(new { agent_id = "writer", initial_status = "running" });

    private async Task<string> CreatePending() => await Create(new { agent_id = "writer", input = new { } });

    private async Task<string> Create(object request) => (await Client.Create(TestRequests.AgentBody(request: request))).GetProperty("run").GetProperty("run_id").GetString()!;

    private async Task<IEnumerable<string?>> ListEventTypes(string run) =>
        (await Client.Get($"/runs/{run}/events"))["data"].EnumerateArray().Select(logged => logged.GetProperty("event_type").GetString());

    private async Task<IReadOnlyList<RunEvent>> ReadStoredEvents(string run)
    {
        var found = (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
        var events = new List<RunEvent>();
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await application.Store.ReadEvents(found, events.Count, 1000, EventVisibility.All, default);
            events.AddRange(page);
        }
        while (page.Count > 0);

        return events;
    }
}
