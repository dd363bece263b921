using System.Text.Json;
using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class WaitingRunsEmbedded(EmbeddedStack stack) : WaitingRuns<EmbeddedStack>(stack);

public abstract class WaitingRuns<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private HttpClient Client => stack.Client;

    [Fact]
    public async Task A_run_waits_for_a_tool_and_its_result_brings_it_back()
    {
        var run = await Running();

        var wait = await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1", tool_name = "ask" });
        var waiting = await Client.Read(In(run));
        var resume = await Client.Post($"/runs/{run}/resume", new { type = "tool_result", tool_call_id = "call_1", result = (object?)null });
        var running = await Client.Read(In(run));

        Assert.True(wait["waiting"].GetBoolean());
        Assert.Equal("tool", wait["run"].GetProperty("waiting_reason").GetString());
        Assert.Equal(("waiting_for_tool", "call_1", "ask"), (Text(waiting, "status"), Text(waiting, "waiting_tool_call_id"), Text(waiting, "waiting_tool_name")));
        Assert.Equal("""{"accepted":true,"duplicate":false}""", resume.Body.GetRawText());
        Assert.Equal(("running", null, null), (Text(running, "status"), Text(running, "waiting_tool_call_id"), Text(running, "waiting_tool_name")));
        Assert.Equal(JsonValueKind.Null, (await Client.Read($"/runs/{run}"))["waiting_reason"].ValueKind);
    }

    [Fact]
    public async Task A_result_that_came_before_is_a_duplicate_and_another_one_a_conflict()
    {
        var run = await Running();
        await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });
        await Resume(run, "call_1", """{"a":1.0,"b":[]}""");

        var again = await Resume(run, "call_1", """{"b":[],"a":1}""");
        var other = await Resume(run, "call_1", "2");
        var error = await Resume(run, "call_1", """{"a":1,"b":[]}""", isError: true);
        var unknown = await Resume(run, "call_2", "1");
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });

        Assert.Equal("""{"accepted":true,"duplicate":true}""", again.Body.GetRawText());
        Refused(other, "TOOL_RESULT_CONFLICT");
        Refused(error, "TOOL_RESULT_CONFLICT");
        Refused(unknown, "TOOL_RESULT_NOT_WAITING");
        Assert.True((await Resume(run, "call_1", """{"a":1,"b":[]}"""))["duplicate"].GetBoolean());
        Refused(await Resume(run, "call_3", "1"), "RUN_NOT_ACTIVE");
        (await Resume(Calls.NewId(), "call_1", "1")).IsProblem(404);
    }

    [Fact]
    public async Task Only_the_awaited_call_is_answered()
    {
        var run = await Running();
        await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        Refused(await Resume(run, "call_2", "1"), "TOOL_RESULT_NOT_WAITING");

        Assert.Equal("waiting", Text(await Client.Read($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task The_same_wait_again_changes_nothing_and_another_is_refused()
    {
        var run = await Running();
        var first = await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        var same = await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        Assert.Equal(first["run"].GetRawText(), same["run"].GetRawText());
        Refused(await Client.Post($"/runs/{run}/wait", new { reason = "event" }), "RUN_NOT_RUNNING");
    }

    [Fact]
    public async Task A_wait_that_is_repeated_after_its_result_came_is_not_another_wait()
    {
        var run = await Running();
        var wait = new { reason = "tool", tool_call_id = "call_1" };
        await Client.Post($"/runs/{run}/wait", wait);
        await Resume(run, "call_1", "1");

        var late = await Client.Post($"/runs/{run}/wait", wait);

        Assert.False(late["waiting"].GetBoolean());
        Assert.Equal("running", Text(await Client.Read($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task A_redelivered_wait_without_a_tool_call_is_not_another_wait()
    {
        var run = await Running();
        var messageId = NewId.NextGuid();
        async Task<RunSnapshot> Wait()
        {
            using var request = stack.Bus.CreateRequestClient<WaitRun>().Create(new WaitRun { Tenant = "dev", RunId = run, Reason = "approval" });
            request.UseExecute(context => context.MessageId = messageId);
            return (await request.GetResponse<RunSnapshot>()).Message;
        }

        var first = await Wait();
        await Client.Post($"/runs/{run}/resume", new { type = "approval" });
        var again = await Wait();

        Assert.Equal(("waiting", "running"), (first.Run.Status, again.Run.Status));
    }

    [Theory]
    [InlineData("approval", "event")]
    [InlineData("event", "approval")]
    public async Task A_run_is_resumed_by_what_it_waits_for(string reason, string other)
    {
        var run = await Running();
        await Client.Post($"/runs/{run}/wait", new { reason });

        Refused(await Client.Post($"/runs/{run}/resume", new { type = other }), "TOOL_RESULT_NOT_WAITING");
        var resumed = await Client.Post($"/runs/{run}/resume", new { type = reason, result = new { by = "Ada" } });

        Assert.Equal("""{"accepted":true,"duplicate":false}""", resumed.Body.GetRawText());
        Assert.Equal("running", Text(await Client.Read($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task A_form_is_not_asked_for_while_the_run_waits_for_the_call_without_one()
    {
        var run = await Running();
        await Client.Post($"/runs/{run}/wait", new { reason = "input", tool_call_id = "call_1" });

        Refused(await Ask(run, "call_1"), "RUN_NOT_RUNNING");
    }

    [Fact]
    public async Task A_wait_that_overtakes_its_start_starts_the_run()
    {
        var run = Calls.NewId();
        await Client.Create(Calls.Task(run));

        var wait = await Client.Post($"/runs/{run}/wait", new { reason = "event" });
        await stack.Bus.CreateRequestClient<StartRun>().GetResponse<RunSnapshot>(new StartRun { Tenant = "dev", RunId = run });

        Assert.Equal(JsonValueKind.String, wait["run"].GetProperty("started_at").ValueKind);
        Assert.Equal("waiting", Text(await Client.Read($"/runs/{run}"), "status"));
        Assert.Equal("RUN_STARTED", Assert.Single((await Client.Read($"/runs/{run}/events"))["data"].EnumerateArray()).GetProperty("event_type").GetString());
    }

    [Fact]
    public async Task A_wait_whose_time_is_up_fails_the_run()
    {
        var run = await Running();

        await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1", expires_at = "2026-01-01T00:00:00Z" });

        await Eventually.Succeeds(async () => Assert.Equal("failed", Text(await Client.Read($"/runs/{run}"), "status")));
        var failed = await Client.Read($"/runs/{run}");
        Assert.Equal("WAIT_EXPIRED", failed["error"].GetProperty("code").GetString());
        Assert.Equal("RUN_ERROR", (await Client.Read($"/runs/{run}/events"))["data"].EnumerateArray().Last().GetProperty("event_type").GetString());
    }

    [Theory]
    [InlineData("wait", "{}", "/reason")]
    [InlineData("wait", """{"reason":"sleep"}""", "/reason")]
    [InlineData("wait", """{"reason":"tool"}""", "/tool_call_id")]
    [InlineData("wait", """{"reason":"event","expires_at":"tomorrow"}""", "/expires_at")]
    [InlineData("wait", """{"reason":"event","expires_at":"2026-01-01T00:00:00"}""", "/expires_at")]
    [InlineData("resume", """{"tool_call_id":"c","result":1}""", "/type")]
    [InlineData("wait", """{"reason":"approval","tool_call_id":""}""", "/tool_call_id")]
    [InlineData("resume", """{"type":"sleep","tool_call_id":"c","result":1}""", "/type")]
    [InlineData("resume", """{"type":"tool_result","result":1}""", "/tool_call_id")]
    [InlineData("resume", """{"type":"tool_result","tool_call_id":"","result":1}""", "/tool_call_id")]
    [InlineData("resume", """{"type":"tool_result","tool_call_id":"c"}""", "/result")]
    [InlineData("resume", """{"type":"tool_result","tool_call_id":"c","result":1,"is_error":"no"}""", "/is_error")]
    public async Task A_wrong_call_is_refused_and_changes_nothing(string call, string body, string at)
    {
        var run = await Running();

        (await Client.Post($"/runs/{run}/{call}", body)).IsProblem(400, null, at);

        Assert.Equal("running", Text(await Client.Read($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task A_result_of_64_KB_is_taken_and_a_larger_one_is_not()
    {
        var run = await Running();
        await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        (await Resume(run, "call_1", $"\"{new string('x', 64 * 1024)}\"")).IsProblem(400, null, "/result");

        Assert.Equal(200, (await Resume(run, "call_1", $"\"{new string('x', (64 * 1024) - 2)}\"")).Status);
    }

    [Fact]
    public async Task An_input_request_holds_the_run_and_the_response_brings_it_back()
    {
        var run = await Running();

        var asked = await Ask(run, "call_1");
        var waiting = await Client.Read($"/runs/{run}");
        var answered = await Client.Post($"{Requests}/{Text(asked, "id")}/responses", """{"values":{"name":"Ada","age":36.0,"ok":true,"none":null}}""");
        var running = await Client.Read($"/runs/{run}");

        Assert.Equal(201, asked.Status);
        Assert.Equal($"{Requests}/{Text(asked, "id")}", asked.Headers["Location"]);
        Assert.Equal(("open", "form", run, "call_1"), (Text(asked, "status"), Text(asked, "kind"), Text(asked, "run_id"), Text(asked, "tool_call_id")));
        Assert.Equal(18, asked.Body.EnumerateObject().Count());
        Assert.Equal(("waiting", "input"), (Text(waiting, "status"), Text(waiting, "waiting_reason")));
        Assert.Equal(200, answered.Status);
        Assert.Equal("submitted", Text(answered, "status"));
        Assert.Equal(JsonValueKind.String, answered["submitted_at"].ValueKind);
        Assert.Equal("""{"name":"Ada","age":36.0,"ok":true,"none":null}""", answered["latest_response"].GetProperty("values").GetRawText());
        Assert.Equal("human", answered["latest_response"].GetProperty("actor_type").GetString());
        Assert.Equal("running", Text(running, "status"));
        Assert.Equal(answered.Body.GetRawText(), (await Client.Read($"{Requests}/{Text(asked, "id")}")).Body.GetRawText());
    }

    [Fact]
    public async Task Asking_again_is_answered_with_the_first_request_whatever_became_of_it()
    {
        var run = await Running();
        var asked = await Ask(run, "call_1");

        var again = await Ask(run, "call_1");
        await Client.Post($"{Requests}/{Text(asked, "id")}/responses", """{"values":{}}""");
        var late = await Ask(run, "call_1");

        Assert.Equal((200, Text(asked, "id")), (again.Status, Text(again, "id")));
        Assert.Equal((200, "submitted"), (late.Status, Text(late, "status")));
        Assert.Equal("running", Text(await Client.Read($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task The_same_response_again_is_answered_alike_and_another_is_a_conflict()
    {
        var run = await Running();
        var id = Text(await Ask(run, "call_1"), "id");
        var first = await Client.Post($"{Requests}/{id}/responses", """{"values":{"a":1}}""");

        var again = await Client.Post($"{Requests}/{id}/responses", """{ "values" : {"a":1.0} }""");

        Assert.Equal(first.Body.GetRawText(), again.Body.GetRawText());
        Refused(await Client.Post($"{Requests}/{id}/responses", """{"values":{"a":2}}"""), "TOOL_RESULT_CONFLICT");
        Refused(await Client.Post($"{Requests}/{id}/cancel"), "TOOL_RESULT_CONFLICT");
    }

    [Fact]
    public async Task A_request_that_is_called_off_lets_its_run_go_on()
    {
        var run = await Running();
        var id = Text(await Ask(run, "call_1"), "id");

        var cancelled = await Client.Post($"{Requests}/{id}/cancel");
        var again = await Client.Post($"{Requests}/{id}/cancel");

        Assert.Equal("cancelled", Text(cancelled, "status"));
        Assert.Equal(JsonValueKind.String, cancelled["cancelled_at"].ValueKind);
        Assert.Equal(cancelled.Body.GetRawText(), again.Body.GetRawText());
        Assert.Equal("running", Text(await Client.Read($"/runs/{run}"), "status"));
        Refused(await Client.Post($"{Requests}/{id}/responses", """{"values":{}}"""), "TOOL_RESULT_CONFLICT");
    }

    [Fact]
    public async Task A_request_ends_with_its_run_and_with_its_time()
    {
        var (cancelled, expired) = (await Running(), await Running());
        var (first, second) = (Text(await Ask(cancelled, "call_1"), "id"), Text(await Ask(expired, "call_1", "2026-01-01T00:00:00Z"), "id"));

        await Client.Post($"/runs/{cancelled}/cancel");

        Assert.Equal("cancelled", Text(await Client.Read($"{Requests}/{first}"), "status"));
        await Eventually.Succeeds(async () => Assert.Equal("expired", Text(await Client.Read($"{Requests}/{second}"), "status")));
        Assert.Equal("WAIT_EXPIRED", (await Client.Read($"/runs/{expired}"))["error"].GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_page_of_large_requests_ends_before_it_has_too_much()
    {
        var conversation = Calls.NewUuid();
        var requests = $"/conversations/{conversation}/input-requests";
        var (ids, space) = (new List<string?>(), new string(' ', 1_000_000));
        for (var i = 0; i < 6; i++)
        {
            var run = await Running(conversation);
            ids.Add(Text(
                await Client.Post(requests, $$"""{"run_id":"{{run}}","tool_call_id":"c","requested_responder_type":"human","title":"t","fields":[1{{space}}],"metadata":{ {{space}}} }"""), "id"));
        }

        var first = await Client.Read(requests);
        var second = await Client.Read($"{requests}?cursor={first["page_info"].GetProperty("next").GetString()}");

        Assert.Equal((4, 2), (first["data"].GetArrayLength(), second["data"].GetArrayLength()));
        Assert.Equal(JsonValueKind.Null, second["page_info"].GetProperty("next").ValueKind);
        Assert.Equal(
            ids.AsEnumerable().Reverse(), first["data"].EnumerateArray().Concat(second["data"].EnumerateArray()).Select(request => request.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Requests_are_listed_by_run_and_status_page_by_page()
    {
        var conversation = Calls.NewUuid();
        var requests = $"/conversations/{conversation}/input-requests";
        var ids = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            var run = await Running(conversation);
            for (var call = 0; call < 3; call++)
            {
                ids.Add(Text(await Ask(run, $"call_{call}", conversation: conversation), "id"));
                if (call < 2)
                {
                    await Client.Post($"{requests}/{ids[^1]}/responses", """{"values":{}}""");
                }
            }
        }

        var listed = new List<string?>();
        string? cursor = null;
        do
        {
            var page = await Client.Read($"{requests}?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.True(page["data"].GetArrayLength() <= 2);
            listed.AddRange(page["data"].EnumerateArray().Select(request => request.GetProperty("id").GetString()));
            cursor = page["page_info"].GetProperty("next").GetString();
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Reverse(ids), listed);
        Assert.Equal(3, (await Client.Read($"{requests}?status=open"))["data"].GetArrayLength());
        var last = (await Client.Read($"{requests}/{ids[^1]}"))["run_id"].GetString();
        Assert.Equal(Enumerable.Reverse(ids).Take(3), (await Client.Read($"{requests}?run_id={last}"))["data"].EnumerateArray().Select(request => request.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_page_goes_on_at_its_place_although_the_run_there_is_no_longer_listed()
    {
        var conversation = Calls.NewUuid();
        var requests = $"/conversations/{conversation}/input-requests";
        var (older, newer) = (await Running(conversation), await Running(conversation));
        foreach (var call in new[] { "call_1", "call_2" })
        {
            await Client.Post($"{requests}/{Text(await Ask(older, call, conversation: conversation), "id")}/responses", """{"values":{}}""");
        }

        var open = Text(await Ask(older, "call_3", conversation: conversation), "id");
        var first = Text(await Ask(newer, "call_1", conversation: conversation), "id");
        var last = await Running(conversation);
        var newest = Text(await Ask(last, "call_1", conversation: conversation), "id");

        var page = await Client.Read($"{requests}?status=open&limit=1");
        await Client.Post($"{requests}/{first}/responses", """{"values":{}}"""); // the next page begins with it
        var next = await Client.Read($"{requests}?status=open&limit=1&cursor={page["page_info"].GetProperty("next").GetString()}");

        Assert.Equal(newest, page["data"][0].GetProperty("id").GetString());
        Assert.Equal([open], next["data"].EnumerateArray().Select(request => request.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("kind", "\"poll\"", "/kind")]
    [InlineData("run_id", null, "/run_id")]
    [InlineData("tool_call_id", null, "/tool_call_id")]
    [InlineData("requested_responder_type", "\"dog\"", "/requested_responder_type")]
    [InlineData("title", "\"\"", "/title")]
    [InlineData("fields", "[]", "/fields")]
    [InlineData("fields", "{}", "/fields")]
    [InlineData("fields", null, "/fields")]
    [InlineData("expires_at", "7", "/expires_at")]
    [InlineData("metadata", "[]", "/metadata")]
    public async Task A_wrong_request_is_refused_and_the_run_goes_on(string member, string? value, string at)
    {
        var run = await Running();
        var body = new Dictionary<string, object?>
        {
            ["run_id"] = run,
            ["tool_call_id"] = "call_1",
            ["requested_responder_type"] = "human",
            ["title"] = "Who are you?",
            ["fields"] = new[] { "name" },
            [member] = value is null ? null : JsonElement.Parse(value),
        };

        (await Client.Post(Requests, body)).IsProblem(400, null, at);

        Assert.Equal("running", Text(await Client.Read($"/runs/{run}"), "status"));
    }

    [Theory]
    [InlineData("""{}""", "/values")]
    [InlineData("""{"values":[]}""", "/values")]
    [InlineData("""{"values":{"a":{}}}""", "/values")]
    public async Task A_wrong_response_is_refused_and_the_run_waits_on(string body, string at)
    {
        var run = await Running();
        var id = Text(await Ask(run, "call_1"), "id");

        (await Client.Post($"{Requests}/{id}/responses", body)).IsProblem(400, null, at);

        Assert.Equal("waiting", Text(await Client.Read($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task Nobody_sees_or_asks_what_is_not_theirs()
    {
        var run = await Running();
        var id = Text(await Ask(run, "call_1"), "id");
        var elsewhere = $"/conversations/{Calls.NewUuid()}/input-requests";
        using var other = stack.Caller("vf_other_s_e_cret");

        (await Client.Read($"{elsewhere}/{id}")).IsProblem(404);
        (await other.Read($"{Requests}/{id}")).IsProblem(404);
        (await other.Post($"{Requests}/{id}/responses", """{"values":{}}""")).IsProblem(404);
        (await Client.Post($"{elsewhere}/{id}/cancel")).IsProblem(404);
        (await Client.Read($"{Requests}/{Calls.NewUuid()}")).IsProblem(404);
        (await Client.Read($"{Requests}/nonsense")).IsProblem(404);
        (await Client.Read("/conversations/nonsense/input-requests")).IsProblem(404);
        (await Ask(run, "call_2", conversation: Calls.NewUuid())).IsProblem(404);
        Assert.Empty((await other.Read(Requests))["data"].EnumerateArray());
        (await Client.Read($"{Requests}?cursor=x")).IsProblem(400, null, "cursor");
        (await Client.Read($"{Requests}?status=done")).IsProblem(400, null, "status");
    }

    [Fact]
    public async Task A_cancel_that_overtakes_its_create_is_not_lost()
    {
        var run = Calls.NewId();
        await stack.Bus.Publish(new CancelRun { Tenant = "dev", RunId = run });
        await Eventually.Holds(async () => await stack.Store.Find(RunKey.Of("dev", run), default) is not null);
        (await Client.Read($"/runs/{run}")).IsProblem(404);
        (await Client.Read($"/runs/{run}/stream")).IsProblem(404);
        (await Client.Post($"/runs/{run}/cancel")).IsProblem(404);
        (await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""")).IsProblem(404);
        (await Client.Post("/runs", Calls.Task().With("parent_run_id", run))).IsProblem(404);

        var created = await Client.Create(Calls.Task(run));
        var again = await Client.Create(Calls.Task(run));

        Assert.Equal("cancelled", created.GetProperty("run").GetProperty("status").GetString());
        Assert.False(created.GetProperty("duplicate").GetBoolean());
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        Assert.Equal("CANCELLED", Assert.Single((await Client.Read($"/runs/{run}/events"))["data"].EnumerateArray()).GetProperty("payload").GetProperty("code").GetString());
        Assert.Contains((await Client.Read($"/projects/{Stack.Project}/runs?status=cancelled&limit=100"))["data"].EnumerateArray(), listed => listed.GetProperty("run_id").GetString() == run);
    }

    [Fact]
    public async Task A_cancel_that_was_told_that_there_is_no_run_leaves_nothing()
    {
        var run = Calls.NewId();

        (await Client.Post($"/runs/{run}/cancel")).IsProblem(404);

        Assert.Equal("pending", (await Client.Create(Calls.Task(run))).GetProperty("run").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_form_is_not_answered_by_the_executor_that_asked_for_it()
    {
        var run = await Running();
        await Ask(run, "form");

        Refused(await Resume(run, "form", """{"name":"me"}"""), "TOOL_RESULT_NOT_WAITING");

        Assert.Equal("waiting", Text(await Client.Read($"/runs/{run}"), "status"));
    }

    private static string Requests => $"/conversations/{Stack.Conversation}/input-requests";

    private static string In(string run) => $"/conversations/{Stack.Conversation}/runs/{run}";

    private static string? Text(Answer answer, string member) => answer[member].GetString();

    private static void Refused(Answer answer, string code)
    {
        answer.IsProblem(409);
        Assert.Equal(code, Text(answer, "code"));
    }

    private async Task<string> Running(string conversation = Stack.Conversation) =>
        (await Client.Create(Calls.Agent(request: new { agent_id = "writer", initial_status = "running" }, conversation: conversation)))
        .GetProperty("run").GetProperty("run_id").GetString()!;

    private Task<Answer> Resume(string run, string call, string result, bool isError = false) =>
        Client.Post($"/runs/{run}/resume", $$"""{"type":"tool_result","tool_call_id":"{{call}}","result":{{result}},"is_error":{{(isError ? "true" : "false")}}}""");

    private Task<Answer> Ask(string run, string call, string? expiresAt = null, string conversation = Stack.Conversation) => Client.Post(
        $"/conversations/{conversation}/input-requests",
        new
        {
            run_id = run,
            tool_call_id = call,
            requested_responder_type = "human",
            title = "Who are you?",
            description = "Your name, and\nyour age.",
            fields = new object[] { new { name = "name", type = "text" }, new { name = "age", type = "number" } },
            expires_at = expiresAt,
            metadata = new { theme = "dark" },
        });
}
