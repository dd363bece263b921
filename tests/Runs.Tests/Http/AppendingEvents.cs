using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class AppendingEventsEmbedded(EmbeddedStack stack) : AppendingEvents<EmbeddedStack>(stack);

public abstract class AppendingEvents<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private const string Mismatch = "External run event cursor mismatch";

    private HttpClient Client => stack.Client;

    [Fact]
    public async Task Appended_events_are_listed_as_they_were_sent_behind_the_start_of_the_run()
    {
        var run = await Running();

        var answer = await Append(run, """{"type":"CUSTOM","name":"n","value":{"a.b":1.50,"$x":null,"ü":"\u00fc 🏃"}}""", """{ "type" : "TEXT_MESSAGE_START", "messageId":"m" }""");

        Assert.Equal((3, 2, 2), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(3, answer["run"].GetProperty("latest_event_id").GetInt64());
        Assert.Equal(2, answer["run"].GetProperty("latest_external_event_sequence").GetInt64());
        var canonical = (await Client.Read($"/runs/{run}/events"))["data"].EnumerateArray().ToList();
        var conversation = (await Client.Read($"{In(run)}/events"))["data"].EnumerateArray().ToList();
        Assert.Equal([1, 2, 3], canonical.Select(logged => logged.GetProperty("event_id").GetInt64()));
        Assert.Equal(["RUN_STARTED", "CUSTOM", "TEXT_MESSAGE_START"], canonical.Select(logged => logged.GetProperty("event_type").GetString()));
        Assert.Equal("""{"type":"CUSTOM","name":"n","value":{"a.b":1.50,"$x":null,"ü":"\u00fc 🏃"}}""", canonical[1].GetProperty("payload").GetRawText());
        Assert.Equal(["event_id", "event_type", "payload", "created_at"], canonical[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(["event_id", "event_type", "event"], conversation[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(canonical.Select(logged => logged.GetProperty("payload").GetRawText()), conversation.Select(logged => logged.GetProperty("event").GetRawText()));
    }

    [Fact]
    public async Task The_first_append_to_a_pending_run_starts_it_and_holds_for_a_caller_who_saw_it_pending()
    {
        var run = await Pending();

        var answer = await Append(run, ExpectedCursors(0, 0), Text("a"));

        Assert.Equal((2, 1, 1), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal("running", answer["run"].GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.String, answer["run"].GetProperty("started_at").ValueKind);
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await Types(run));
    }

    [Fact]
    public async Task An_executor_s_own_start_begins_the_log_of_a_pending_run()
    {
        var run = await Pending();

        var answer = await Append(run, ExpectedCursors(0, 0), """{"type":"RUN_STARTED","threadId":"t","mine":true}""", Text("a"));
        var again = await Append(run, ExpectedCursors(0, 0), """{"type":"RUN_STARTED","threadId":"t","mine":true}""", Text("a"));

        Assert.Equal((2, 2, 2), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(0, again["appended_count"].GetInt32());
        Assert.True((await Client.Read($"/runs/{run}/events"))["data"][0].GetProperty("payload").GetProperty("mine").GetBoolean());
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await Types(run));
    }

    [Fact]
    public async Task A_start_that_repeats_the_service_s_own_is_kept_and_counted_and_not_shown()
    {
        var run = await Running();

        var answer = await Append(run, """{"type":"RUN_STARTED","threadId":"t"}""", Text("a"));

        Assert.Equal((3, 2), (answer["latest_event_id"].GetInt64(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await Types(run));
        Assert.Equal(3, (await Stored(run)).Count);
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
    public async Task A_cursor_has_to_be_the_end_of_the_log(long? eventId, long? sequence, bool isRight)
    {
        var run = await Running();
        await Append(run, Text("first"));

        var answer = await Client.Post($"{In(run)}/events", Body(ExpectedCursors(eventId, sequence), Text("second")));

        if (isRight)
        {
            Assert.True(answer.Status == 200 && answer["appended_count"].GetInt32() == 1, answer.ToString());
        }
        else
        {
            answer.IsProblem(400, Mismatch);
            Assert.Equal(Mismatch, answer["detail"].GetString());
            Assert.Equal(2, (await Stored(run)).Count);
        }
    }

    [Theory]
    [InlineData(1L, null)]
    [InlineData(null, 0L)]
    [InlineData(1L, 0L)]
    public async Task The_same_append_again_is_answered_and_appends_nothing(long? eventId, long? sequence)
    {
        var run = await Running();
        var cursors = ExpectedCursors(eventId, sequence);
        await Append(run, cursors, Text("a"), """{"type":"CUSTOM","value":1}""");

        var again = await Append(run, cursors, Text("a"), """{ "value" : 1.0, "type" : "CUSTOM" }""");
        await Append(run, Text("later"));
        var muchLater = await Append(run, cursors, Text("a"), """{"type":"CUSTOM","value":1}""");

        Assert.Equal((3, 0, 2), (again["latest_event_id"].GetInt64(), again["appended_count"].GetInt32(), again["latest_external_event_sequence"].GetInt64()));
        Assert.Equal((4, 0, 3), (muchLater["latest_event_id"].GetInt64(), muchLater["appended_count"].GetInt32(), muchLater["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(4, (await Stored(run)).Count);
    }

    // Not every comparison of JSON numbers knows exponents of this size.
    [Fact]
    public async Task A_repeat_may_hold_a_number_of_any_size_spelled_anew()
    {
        var run = await Running();
        var cursors = ExpectedCursors(1, 0);
        await Append(run, cursors, """{"type":"CUSTOM","value":1e99999999999}""");

        var again = await Append(run, cursors, """{"type":"CUSTOM","value":1E99999999999}""");
        var other = await Client.Post($"{In(run)}/events", Body(cursors, """{"type":"CUSTOM","value":2e99999999999}"""));

        Assert.Equal((2, 0), (again["latest_event_id"].GetInt64(), again["appended_count"].GetInt32()));
        other.IsProblem(400, Mismatch);
    }

    [Fact]
    public async Task A_repeat_that_begins_with_a_hidden_event_is_told_so_by_the_sequence_too()
    {
        var run = await Running();
        await Append(run, """{"type":"STEP_FINISHED","n":0}""");
        var cursors = ExpectedCursors(null, 0);
        await Append(run, cursors, """{"type":"STEP_STARTED","n":1}""", Text("a"));

        var again = await Append(run, cursors, """{"type":"STEP_STARTED","n":1}""", Text("a"));

        Assert.Equal((4, 0), (again["latest_event_id"].GetInt64(), again["appended_count"].GetInt32()));
    }

    [Fact]
    public async Task A_repeat_is_told_so_although_the_run_has_ended_meanwhile()
    {
        var run = await Running();
        var cursors = ExpectedCursors(1, 0);
        await Append(run, cursors, Text("a"));
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });

        var again = await Append(run, cursors, Text("a"));

        Assert.Equal((3, 0, 1), (again["latest_event_id"].GetInt64(), again["appended_count"].GetInt32(), again["latest_external_event_sequence"].GetInt64()));
    }

    [Theory]
    [InlineData(1L, null)]
    [InlineData(null, 0L)]
    public async Task Of_an_append_whose_beginning_is_there_the_rest_is_appended(long? eventId, long? sequence)
    {
        var run = await Running();
        var cursors = ExpectedCursors(eventId, sequence);
        await Append(run, cursors, Text("a"), Text("b"));

        var answer = await Append(run, cursors, Text("a"), Text("b"), Text("c"));

        Assert.Equal((4, 1, 3), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(["a", "b", "c"], (await Stored(run)).Skip(1).Select(logged => logged.Event.Parse().GetProperty("delta").GetString()));
    }

    [Fact]
    public async Task What_is_neither_new_nor_a_repeat_is_refused()
    {
        var run = await Running();
        var cursors = ExpectedCursors(1, null);
        await Append(run, cursors, Text("a"), Text("b"));

        (await Client.Post($"{In(run)}/events", Body(cursors, Text("b"), Text("a")))).IsProblem(400, Mismatch);
        (await Client.Post($"{In(run)}/events", Body(cursors, Text("a"), Text("x"), Text("c")))).IsProblem(400, Mismatch);
        Assert.Equal(3, (await Stored(run)).Count);
    }

    [Fact]
    public async Task Private_events_are_kept_take_ids_are_not_counted_and_are_shown_to_nobody()
    {
        var run = await Running();
        var cursors = ExpectedCursors(1, null);
        string[] events = ["""{"type":"STEP_STARTED","stepName":"s"}""", Text("a"), """{"type":"AGENT_RUN_MODEL_CALL_CONTEXT","secret":1}""", """{"type":"SOMETHING_NEW"}"""];

        var answer = await Append(run, cursors, events);
        var again = await Append(run, cursors, events);

        Assert.Equal((5, 4, 1), (answer["latest_event_id"].GetInt64(), answer["appended_count"].GetInt32(), answer["latest_external_event_sequence"].GetInt64()));
        Assert.Equal(0, again["appended_count"].GetInt32());
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], await Types(run));
        Assert.Equal(["RUN_STARTED", "STEP_STARTED", "TEXT_MESSAGE_CONTENT", "AGENT_RUN_MODEL_CALL_CONTEXT", "SOMETHING_NEW"], (await Stored(run)).Select(logged => logged.EventType));
        Assert.Equal(2, (await Client.Read($"{In(run)}/snapshot"))["events"].GetArrayLength());
    }

    [Fact]
    public async Task An_ended_and_a_waiting_run_refuse_events_in_the_words_that_clients_know()
    {
        var (ended, waiting) = (await Running(), await Running());
        await Client.Post($"/runs/{ended}/complete", new { status = "completed" });
        await Client.Post($"/runs/{waiting}/wait", new { reason = "tool", tool_call_id = "call_1" });

        var toEnded = await Client.Post($"{In(ended)}/events", Body(null, Text("a")));
        var toWaiting = await Client.Post($"{In(waiting)}/events", Body(null, Text("a")));

        toEnded.IsProblem(400);
        toWaiting.IsProblem(400);
        Assert.Equal("Cannot append external events to a terminal run", toEnded["detail"].GetString());
        Assert.Equal("Cannot append external events to a terminal run", (await Client.Post($"{In(ended)}/events", Body(ExpectedCursors(1, 0), Text("a"))))["detail"].GetString());
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
    public async Task A_wrong_append_is_refused_and_appends_nothing(string body, string at)
    {
        var run = await Running();

        (await Client.Post($"{In(run)}/events", body)).IsProblem(400, null, at);

        Assert.Single(await Stored(run));
    }

    [Fact]
    public async Task A_hundred_events_are_one_append_and_one_more_is_too_many()
    {
        var run = await Running();
        var events = Enumerable.Range(0, 101).Select(i => Text($"{i}")).ToArray();

        (await Client.Post($"{In(run)}/events", Body(null, events))).IsProblem(400, null, "/events");
        var answer = await Append(run, events[..100]);

        Assert.Equal(100, answer["appended_count"].GetInt32());
    }

    [Fact]
    public async Task An_event_of_256_KB_is_refused_in_the_words_that_clients_know_and_nothing_of_its_append_is_kept()
    {
        var run = await Running();
        var envelope = Text("").Length;

        var answer = await Client.Post($"{In(run)}/events", Body(null, Text("a"), Text(new string('x', (256 * 1024) - envelope))));
        await Append(run, Text(new string('x', (256 * 1024) - envelope - 1)));

        answer.IsProblem(400);
        Assert.Equal("Agent run event payload must be less than 256 KB", answer["detail"].GetString());
        Assert.Equal(2, (await Stored(run)).Count);
    }

    [Fact]
    public async Task The_context_of_a_call_of_a_model_may_be_larger_but_not_2_MB()
    {
        var run = await Running();
        string Context(int size) => $$"""{"type":"AGENT_RUN_MODEL_CALL_CONTEXT","messages":"{{new string('x', size)}}"}""";

        await Append(run, Context(1_900_000));
        var answer = await Client.Post($"{In(run)}/events", Body(null, Context(2_000_000)));

        answer.IsProblem(400);
        Assert.Equal("Agent run request snapshot payload must be less than 2 MB", answer["detail"].GetString());
    }

    [Fact]
    public async Task A_body_as_large_as_it_may_be_is_taken_whole_and_the_run_goes_on()
    {
        var run = await Running();
        var events = Enumerable.Range(0, 41).Select(i => Text(new string((char)('a' + (i % 26)), 250_000))).ToArray();

        await Append(run, events);
        await Append(run, Text("next"));
        var completed = await Client.Post($"/runs/{run}/complete", new { status = "completed", logs = new string('l', 1_000_000) });

        Assert.Equal(200, completed.Status);
        Assert.Equal(44, (await Stored(run)).Count);
    }

    [Fact]
    public async Task A_run_with_a_very_large_request_takes_its_events_in_smaller_parts()
    {
        var run = Calls.NewId();
        await Client.Create(Calls.Task(run, new { target = "task:t", config = new { a = new string('x', 9 * 1024 * 1024) } }));
        var events = Enumerable.Range(0, 36).Select(_ => Text(new string('y', 250_000))).ToArray();

        (await Client.Post($"/runs/{run}/events", Body(null, events))).IsProblem(413);
        Assert.Equal(200, (await Client.Post($"/runs/{run}/events", Body(null, events[..18]))).Status);
        Assert.Equal(200, (await Client.Post($"/runs/{run}/events", Body(null, events[18..]))).Status);
        Assert.Equal(200, (await Client.Post($"/runs/{run}/complete", new { status = "completed", logs = new string('l', 4 * 1024 * 1024) })).Status);
    }

    [Fact]
    public async Task Nobody_appends_to_a_run_that_is_not_there_for_them()
    {
        var run = await Running();
        using var other = stack.Caller("vf_other_s_e_cret");

        (await Client.Post($"{In(Calls.NewId())}/events", Body(null, Text("a")))).IsProblem(404);
        (await Client.Post($"/conversations/{Calls.NewUuid()}/runs/{run}/events", Body(null, Text("a")))).IsProblem(404);
        (await other.Post($"{In(run)}/events", Body(null, Text("a")))).IsProblem(404);
        (await other.Read($"/runs/{run}/events")).IsProblem(404);
        (await Client.Read($"/conversations/{Calls.NewUuid()}/runs/{run}/events")).IsProblem(404);
        (await Client.Read($"/conversations/{Calls.NewUuid()}/runs/{run}/snapshot")).IsProblem(404);
        Assert.Single(await Stored(run));
    }

    [Fact]
    public async Task A_run_without_a_conversation_has_a_log_too()
    {
        var run = Calls.NewId();
        await Client.Create(Calls.Task(run));

        var answer = await Client.Post($"/runs/{run}/events", Body(null, Text("a")));
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });

        Assert.Equal(["latest_event_id", "appended_count", "latest_external_event_sequence"], answer.Body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["RUN_STARTED", "TEXT_MESSAGE_CONTENT", "RUN_FINISHED"], await Types(run));
    }

    [Fact]
    public async Task A_log_is_read_page_by_page_and_the_last_page_says_so()
    {
        var run = await Running();
        await Append(run, [.. Enumerable.Range(0, 9).Select(i => i == 8 ? """{"type":"STEP_FINISHED"}""" : Text($"{i}"))]);

        var first = await Client.Read($"/runs/{run}/events?limit=4");
        var second = await Client.Read($"/runs/{run}/events?limit=4&after_event_id={first["page_info"].GetProperty("next").GetString()}");
        var third = await Client.Read($"/runs/{run}/events?limit=4&cursor={second["page_info"].GetProperty("next").GetString()}");

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], new[] { first, second, third }.SelectMany(page => page["data"].EnumerateArray()).Select(logged => logged.GetProperty("event_id").GetInt64()));
        Assert.Equal("""{"self":"8","first":null,"next":null,"prev":null}""", third["page_info"].GetRawText());
    }

    [Theory]
    [InlineData("after_event_id=-1", "after_event_id")]
    [InlineData("after_event_id=x", "after_event_id")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_wrong_query_is_refused(string query, string at) => (await Client.Read($"/runs/{await Running()}/events?{query}")).IsProblem(400, null, at);

    [Theory]
    [InlineData("completed", "RUN_FINISHED", null, """{"model":"m"}""")]
    [InlineData("failed", "RUN_ERROR", "BROKEN", null)]
    [InlineData("cancelled", "RUN_ERROR", "CANCELLED", null)]
    public async Task The_log_ends_with_the_outcome(string status, string type, string? code, string? metadata)
    {
        var run = await Running();

        await Client.Post($"/runs/{run}/complete", $$"""{"status":"{{status}}","metadata":{{metadata ?? "null"}},"terminal_error_code":"BROKEN","terminal_error_message":"It broke."}""");

        var last = (await Client.Read($"/runs/{run}/events"))["data"].EnumerateArray().Last().GetProperty("payload");
        Assert.Equal(type, last.GetProperty("type").GetString());
        Assert.Equal(run, last.GetProperty("runId").GetString());
        Assert.Equal(Stack.Conversation, last.GetProperty("threadId").GetString());
        Assert.Equal(code, last.TryGetProperty("code", out var found) ? found.GetString() : null);
        Assert.Equal(metadata, last.TryGetProperty("metadata", out var told) ? told.GetRawText() : null);
        Assert.Equal(status == "failed" ? "It broke." : status == "cancelled" ? "The run was cancelled." : null, last.TryGetProperty("message", out var message) ? message.GetString() : null);
    }

    [Fact]
    public async Task A_run_that_never_ran_has_one_event_in_its_log_that_says_how_it_ended()
    {
        var run = await Pending();

        await Client.Post($"/runs/{run}/cancel");

        var only = Assert.Single((await Client.Read($"/runs/{run}/events"))["data"].EnumerateArray());
        Assert.Equal((1, "CANCELLED"), (only.GetProperty("event_id").GetInt64(), only.GetProperty("payload").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_snapshot_puts_texts_and_arguments_together_and_says_where_the_stream_goes_on()
    {
        var run = await Running();
        string Piece(string type, string of, string id, string delta) => $$"""{"type":"{{type}}","{{of}}":"{{id}}","delta":"{{delta}}","elapsedMs":1}""";
        await Append(run,
            """{"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"}""", Piece("TEXT_MESSAGE_CONTENT", "messageId", "m1", "Hel"),
            """{"type":"TOOL_CALL_START","toolCallId":"c1","toolCallName":"t"}""", Piece("TOOL_CALL_ARGS", "toolCallId", "c1", "{\\\"a\\\""),
            Piece("TEXT_MESSAGE_CONTENT", "messageId", "m1", "lo \\ud83c\\udfc3"), Piece("TOOL_CALL_ARGS", "toolCallId", "c1", ":1}"),
            Piece("TEXT_MESSAGE_CONTENT", "messageId", "m2", "other"), """{"type":"TEXT_MESSAGE_END","messageId":"m1"}""", """{"type":"STEP_FINISHED"}""");

        var snapshot = await Client.Read($"{In(run)}/snapshot");

        Assert.Equal(["after_event_id", "events"], snapshot.Body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(10, snapshot["after_event_id"].GetInt64());
        var events = snapshot["events"].EnumerateArray().ToList();
        Assert.Equal([1, 2, 3, 4, 5, 8, 9], events.Select(logged => logged.GetProperty("event_id").GetInt64()));
        Assert.Equal("Hello 🏃", events[2].GetProperty("event").GetProperty("delta").GetString());
        Assert.Equal("""{"a":1}""", events[4].GetProperty("event").GetProperty("delta").GetString());
        Assert.Equal("other", events[5].GetProperty("event").GetProperty("delta").GetString());
    }

    [Fact]
    public async Task The_children_of_a_run_are_listed_in_its_conversation_and_by_the_conversation_that_spawned_them()
    {
        var (parent, spawner, call) = (await Running(), Calls.NewUuid(), Calls.NewId());
        var child = await Client.Create(Calls.Agent().With("parent_run_id", parent).With("trigger", new { conversation_id = spawner, message_id = Calls.NewUuid(), tool_call_id = call }));
        await Client.Create(Calls.Task().With("parent_run_id", parent));
        var id = child.GetProperty("run").GetProperty("run_id").GetString();

        var ofRun = await Client.Read($"{In(parent)}/children");
        var ofConversation = await Client.Read($"/conversations/{spawner}/runs/children-by-parent-conversation?spawned_from_tool_call_id={call}");

        Assert.Equal([id], ofRun["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
        Assert.Equal([id], ofConversation["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
        Assert.Equal(spawner, ofConversation["data"][0].GetProperty("parent_conversation_id").GetString());
        Assert.Empty((await Client.Read($"/conversations/{spawner}/runs/children-by-parent-conversation?spawned_from_tool_call_id=another"))["data"].EnumerateArray());
        (await Client.Read($"/conversations/{spawner}/runs/children-by-parent-conversation?spawned_from_tool_call_id={new string('x', 129)}")).IsProblem(400);
        (await Client.Read($"/conversations/{Calls.NewUuid()}/runs/{parent}/children")).IsProblem(404);
    }

    private static string In(string run) => $"/conversations/{Stack.Conversation}/runs/{run}";

    private static string Text(string delta) => $$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"{{delta}}"}""";

    private static string ExpectedCursors(long? eventId, long? sequence) => JsonSerializer.Serialize(
        new Dictionary<string, long?> { ["expected_previous_event_id"] = eventId, ["expected_previous_external_event_sequence"] = sequence })[1..^1];

    private static string Body(string? cursors, params string[] events) => $"{{\"events\":[{string.Join(',', events)}]{(cursors is null ? "" : $",{cursors}")}}}";

    private Task<Answer> Append(string run, params string[] events) => Append(run, events[0].StartsWith('{') ? null : events[0], events[0].StartsWith('{') ? events : events[1..]);

    private async Task<Answer> Append(string run, string? cursors, string[] events)
    {
        var answer = await Client.Post($"{In(run)}/events", Body(cursors, events));
        Assert.True(answer.Status == 200, answer.ToString());
        return answer;
    }

    private async Task<string> Running() => await Create(new { agent_id = "writer", initial_status = "running" });

    private async Task<string> Pending() => await Create(new { agent_id = "writer", input = new { } });

    private async Task<string> Create(object request) => (await Client.Create(Calls.Agent(request: request))).GetProperty("run").GetProperty("run_id").GetString()!;

    private async Task<IEnumerable<string?>> Types(string run) =>
        (await Client.Read($"/runs/{run}/events"))["data"].EnumerateArray().Select(logged => logged.GetProperty("event_type").GetString());

    private async Task<IReadOnlyList<RunEvent>> Stored(string run)
    {
        var found = (await stack.Store.Find(RunKey.Of("dev", run), default))!;
        var events = new List<RunEvent>();
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await stack.Store.Events(found, events.Count, 1000, EventScope.All, default);
            events.AddRange(page);
        }
        while (page.Count > 0);

        return events;
    }
}
