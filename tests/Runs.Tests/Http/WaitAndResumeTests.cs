using System.Text.Json;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class EmbeddedWaitAndResumeTests(EmbeddedApplication application) : WaitAndResumeTests<EmbeddedApplication>(application);

public abstract class WaitAndResumeTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_tool_result_resumes_a_run_that_waits_for_it()
    {
        var run = await CreateRunning();

        var wait = await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1", tool_name = "ask" });
        var waiting = await Client.Get(PathOf(run));
        var resume = await Client.Post($"/runs/{run}/resume", new { type = "tool_result", tool_call_id = "call_1", result = (object?)null });
        var running = await Client.Get(PathOf(run));

        Assert.True(wait["waiting"].GetBoolean());
        Assert.Equal("tool", wait["run"].GetProperty("waiting_reason").GetString());
        Assert.Equal(("waiting_for_tool", "call_1", "ask"), (GetString(waiting, "status"), GetString(waiting, "waiting_tool_call_id"), GetString(waiting, "waiting_tool_name")));
        Assert.Equal("""{"accepted":true,"duplicate":false}""", resume.Body.GetRawText());
        Assert.Equal(("running", null, null), (GetString(running, "status"), GetString(running, "waiting_tool_call_id"), GetString(running, "waiting_tool_name")));
        Assert.Equal(JsonValueKind.Null, (await Client.Get($"/runs/{run}"))["waiting_reason"].ValueKind);
    }

    [Fact]
    public async Task A_repeated_result_is_a_duplicate_and_a_different_result_a_conflict()
    {
        var run = await CreateRunning();
        await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });
        await Resume(run, "call_1", """{"a":1.0,"b":[]}""");

        var again = await Resume(run, "call_1", """{"b":[],"a":1}""");
        var other = await Resume(run, "call_1", "2");
        var error = await Resume(run, "call_1", """{"a":1,"b":[]}""", isError: true);
        var unknown = await Resume(run, "call_2", "1");
        await Client.Post($"/runs/{run}/complete", new { status = "completed" });

        Assert.Equal("""{"accepted":true,"duplicate":true}""", again.Body.GetRawText());
        AssertRejected(other, "TOOL_RESULT_CONFLICT");
        AssertRejected(error, "TOOL_RESULT_CONFLICT");
        AssertRejected(unknown, "TOOL_RESULT_NOT_WAITING");
        Assert.True((await Resume(run, "call_1", """{"a":1,"b":[]}"""))["duplicate"].GetBoolean());
        AssertRejected(await Resume(run, "call_3", "1"), "RUN_NOT_ACTIVE");
        (await Resume(TestRequests.NewId(), "call_1", "1")).AssertProblem(404);
    }

    [Fact]
    public async Task A_result_for_another_tool_call_is_rejected()
    {
        var run = await CreateRunning();
        await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        AssertRejected(await Resume(run, "call_2", "1"), "TOOL_RESULT_NOT_WAITING");

        Assert.Equal("waiting", GetString(await Client.Get($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task A_repeated_wait_changes_nothing_and_a_different_wait_is_rejected()
    {
        var run = await CreateRunning();
        var first = await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        var same = await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        Assert.Equal(first["run"].GetRawText(), same["run"].GetRawText());
        AssertRejected(await Client.Post($"/runs/{run}/wait", new { reason = "event" }), "RUN_NOT_RUNNING");
    }

    [Fact]
    public async Task A_wait_repeated_after_its_result_does_not_pause_the_run()
    {
        var run = await CreateRunning();
        var wait = new { reason = "tool", tool_call_id = "call_1" };
        await Client.Post($"/runs/{run}/wait", wait);
        await Resume(run, "call_1", "1");

        var late = await Client.Post($"/runs/{run}/wait", wait);

        Assert.False(late["waiting"].GetBoolean());
        Assert.Equal("running", GetString(await Client.Get($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task A_redelivered_wait_without_a_tool_call_does_not_pause_the_run()
    {
        var run = await CreateRunning();
        var messageId = NewId.NextGuid();
        async Task<RunSnapshot> Wait()
        {
            using var request = application.Bus.CreateRequestClient<WaitRun>().Create(new WaitRun { Tenant = "dev", RunId = run, Reason = "approval" });
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
    public async Task Only_a_result_of_the_awaited_type_resumes_the_run(string reason, string other)
    {
        var run = await CreateRunning();
        await Client.Post($"/runs/{run}/wait", new { reason });

        AssertRejected(await Client.Post($"/runs/{run}/resume", new { type = other }), "TOOL_RESULT_NOT_WAITING");
        var resumed = await Client.Post($"/runs/{run}/resume", new { type = reason, result = new { by = "Ada" } });

        Assert.Equal("""{"accepted":true,"duplicate":false}""", resumed.Body.GetRawText());
        Assert.Equal("running", GetString(await Client.Get($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task An_input_request_is_rejected_while_the_run_waits_for_the_same_call_without_a_form()
    {
        var run = await CreateRunning();
        await Client.Post($"/runs/{run}/wait", new { reason = "input", tool_call_id = "call_1" });

        AssertRejected(await RequestInput(run, "call_1"), "RUN_NOT_RUNNING");
    }

    [Fact]
    public async Task A_wait_before_the_start_command_starts_the_run()
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run));

        var wait = await Client.Post($"/runs/{run}/wait", new { reason = "event" });
        await application.Bus.CreateRequestClient<StartRun>().GetResponse<RunSnapshot>(new StartRun { Tenant = "dev", RunId = run });

        Assert.Equal(JsonValueKind.String, wait["run"].GetProperty("started_at").ValueKind);
        Assert.Equal("waiting", GetString(await Client.Get($"/runs/{run}"), "status"));
        Assert.Equal("RUN_STARTED", Assert.Single((await Client.Get($"/runs/{run}/events"))["data"].EnumerateArray()).GetProperty("event_type").GetString());
    }

    [Fact]
    public async Task An_expired_wait_fails_the_run()
    {
        var run = await CreateRunning();

        await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1", expires_at = "2026-01-01T00:00:00Z" });

        await Eventually.Succeeds(async () => Assert.Equal("failed", GetString(await Client.Get($"/runs/{run}"), "status")));
        var failed = await Client.Get($"/runs/{run}");
        Assert.Equal("WAIT_EXPIRED", failed["error"].GetProperty("code").GetString());
        Assert.Equal("RUN_ERROR", (await Client.Get($"/runs/{run}/events"))["data"].EnumerateArray().Last().GetProperty("event_type").GetString());
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
    public async Task An_invalid_wait_or_resume_is_rejected_and_changes_nothing(string call, string body, string at)
    {
        var run = await CreateRunning();

        (await Client.Post($"/runs/{run}/{call}", body)).AssertProblem(400, null, at);

        Assert.Equal("running", GetString(await Client.Get($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task A_result_of_64_KB_is_accepted_and_a_larger_one_is_rejected()
    {
        var run = await CreateRunning();
        await Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        (await Resume(run, "call_1", $"\"{new string('x', 64 * 1024)}\"")).AssertProblem(400, null, "/result");

        Assert.Equal(200, (await Resume(run, "call_1", $"\"{new string('x', (64 * 1024) - 2)}\"")).Status);
    }

    [Fact]
    public async Task An_input_request_pauses_the_run_and_the_response_resumes_it()
    {
        var run = await CreateRunning();

        var asked = await RequestInput(run, "call_1");
        var waiting = await Client.Get($"/runs/{run}");
        var answered = await Client.Post($"{InputRequestsPath}/{GetString(asked, "id")}/responses", """{"values":{"name":"Ada","age":36.0,"ok":true,"none":null}}""");
        var running = await Client.Get($"/runs/{run}");

        Assert.Equal(201, asked.Status);
        Assert.Equal($"{InputRequestsPath}/{GetString(asked, "id")}", asked.Headers["Location"]);
        Assert.Equal(("open", "form", run, "call_1"), (GetString(asked, "status"), GetString(asked, "kind"), GetString(asked, "run_id"), GetString(asked, "tool_call_id")));
        Assert.Equal(18, asked.Body.EnumerateObject().Count());
        Assert.Equal(("waiting", "input"), (GetString(waiting, "status"), GetString(waiting, "waiting_reason")));
        Assert.Equal(200, answered.Status);
        Assert.Equal("submitted", GetString(answered, "status"));
        Assert.Equal(JsonValueKind.String, answered["submitted_at"].ValueKind);
        Assert.Equal("""{"name":"Ada","age":36.0,"ok":true,"none":null}""", answered["latest_response"].GetProperty("values").GetRawText());
        Assert.Equal("human", answered["latest_response"].GetProperty("actor_type").GetString());
        Assert.Equal("running", GetString(running, "status"));
        Assert.Equal(answered.Body.GetRawText(), (await Client.Get($"{InputRequestsPath}/{GetString(asked, "id")}")).Body.GetRawText());
    }

    [Fact]
    public async Task A_repeated_input_request_returns_the_first_one_in_any_status()
    {
        var run = await CreateRunning();
        var asked = await RequestInput(run, "call_1");

        var again = await RequestInput(run, "call_1");
        await Client.Post($"{InputRequestsPath}/{GetString(asked, "id")}/responses", """{"values":{}}""");
        var late = await RequestInput(run, "call_1");

        Assert.Equal((200, GetString(asked, "id")), (again.Status, GetString(again, "id")));
        Assert.Equal((200, "submitted"), (late.Status, GetString(late, "status")));
        Assert.Equal("running", GetString(await Client.Get($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task A_repeated_response_returns_the_stored_result_and_a_different_one_is_a_conflict()
    {
        var run = await CreateRunning();
        var id = GetString(await RequestInput(run, "call_1"), "id");
        var first = await Client.Post($"{InputRequestsPath}/{id}/responses", """{"values":{"a":1}}""");

        var again = await Client.Post($"{InputRequestsPath}/{id}/responses", """{ "values" : {"a":1.0} }""");

        Assert.Equal(first.Body.GetRawText(), again.Body.GetRawText());
        AssertRejected(await Client.Post($"{InputRequestsPath}/{id}/responses", """{"values":{"a":2}}"""), "TOOL_RESULT_CONFLICT");
        AssertRejected(await Client.Post($"{InputRequestsPath}/{id}/cancel"), "TOOL_RESULT_CONFLICT");
    }

    [Fact]
    public async Task A_cancelled_input_request_resumes_the_run()
    {
        var run = await CreateRunning();
        var id = GetString(await RequestInput(run, "call_1"), "id");

        var cancelled = await Client.Post($"{InputRequestsPath}/{id}/cancel");
        var again = await Client.Post($"{InputRequestsPath}/{id}/cancel");

        Assert.Equal("cancelled", GetString(cancelled, "status"));
        Assert.Equal(JsonValueKind.String, cancelled["cancelled_at"].ValueKind);
        Assert.Equal(cancelled.Body.GetRawText(), again.Body.GetRawText());
        Assert.Equal("running", GetString(await Client.Get($"/runs/{run}"), "status"));
        AssertRejected(await Client.Post($"{InputRequestsPath}/{id}/responses", """{"values":{}}"""), "TOOL_RESULT_CONFLICT");
    }

    [Fact]
    public async Task An_input_request_is_closed_when_its_run_is_cancelled_or_its_wait_expires()
    {
        var (cancelled, expired) = (await CreateRunning(), await CreateRunning());
        var (first, second) = (GetString(await RequestInput(cancelled, "call_1"), "id"), GetString(await RequestInput(expired, "call_1", "2026-01-01T00:00:00Z"), "id"));

        await Client.Post($"/runs/{cancelled}/cancel");

        Assert.Equal("cancelled", GetString(await Client.Get($"{InputRequestsPath}/{first}"), "status"));
        await Eventually.Succeeds(async () => Assert.Equal("expired", GetString(await Client.Get($"{InputRequestsPath}/{second}"), "status")));
        Assert.Equal("WAIT_EXPIRED", (await Client.Get($"/runs/{expired}"))["error"].GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_page_of_large_input_requests_is_cut_at_the_size_limit()
    {
        var conversation = TestRequests.NewUuid();
        var requests = $"/conversations/{conversation}/input-requests";
        var (ids, space) = (new List<string?>(), new string(' ', 1_000_000));
        for (var i = 0; i < 6; i++)
        {
            var run = await CreateRunning(conversation);
            ids.Add(GetString(
                await Client.Post(requests, $$"""{"run_id":"{{run}}","tool_call_id":"c","requested_responder_type":"human","title":"t","fields":[1{{space}}],"metadata":{ {{space}}} }"""), "id"));
        }

        var first = await Client.Get(requests);
        var second = await Client.Get($"{requests}?cursor={first["page_info"].GetProperty("next").GetString()}");

        Assert.Equal((4, 2), (first["data"].GetArrayLength(), second["data"].GetArrayLength()));
        Assert.Equal(JsonValueKind.Null, second["page_info"].GetProperty("next").ValueKind);
        Assert.Equal(
            ids.AsEnumerable().Reverse(), first["data"].EnumerateArray().Concat(second["data"].EnumerateArray()).Select(request => request.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Input_requests_are_filtered_by_run_and_status_and_paged()
    {
        var conversation = TestRequests.NewUuid();
        var requests = $"/conversations/{conversation}/input-requests";
        var ids = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            var run = await CreateRunning(conversation);
            for (var call = 0; call < 3; call++)
            {
                ids.Add(GetString(await RequestInput(run, $"call_{call}", conversation: conversation), "id"));
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
            var page = await Client.Get($"{requests}?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.True(page["data"].GetArrayLength() <= 2);
            listed.AddRange(page["data"].EnumerateArray().Select(request => request.GetProperty("id").GetString()));
            cursor = page["page_info"].GetProperty("next").GetString();
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Reverse(ids), listed);
        Assert.Equal(3, (await Client.Get($"{requests}?status=open"))["data"].GetArrayLength());
        var last = (await Client.Get($"{requests}/{ids[^1]}"))["run_id"].GetString();
        Assert.Equal(Enumerable.Reverse(ids).Take(3), (await Client.Get($"{requests}?run_id={last}"))["data"].EnumerateArray().Select(request => request.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Paging_continues_at_its_cursor_when_the_run_there_is_no_longer_listed()
    {
        var conversation = TestRequests.NewUuid();
        var requests = $"/conversations/{conversation}/input-requests";
        var (older, newer) = (await CreateRunning(conversation), await CreateRunning(conversation));
        foreach (var call in new[] { "call_1", "call_2" })
        {
            await Client.Post($"{requests}/{GetString(await RequestInput(older, call, conversation: conversation), "id")}/responses", """{"values":{}}""");
        }

        var open = GetString(await RequestInput(older, "call_3", conversation: conversation), "id");
        var first = GetString(await RequestInput(newer, "call_1", conversation: conversation), "id");
        var last = await CreateRunning(conversation);
        var newest = GetString(await RequestInput(last, "call_1", conversation: conversation), "id");

        var page = await Client.Get($"{requests}?status=open&limit=1");
        await Client.Post($"{requests}/{first}/responses", """{"values":{}}"""); // the next page begins with it
        var next = await Client.Get($"{requests}?status=open&limit=1&cursor={page["page_info"].GetProperty("next").GetString()}");

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
    public async Task An_invalid_input_request_is_rejected_and_the_run_stays_running(string member, string? value, string at)
    {
        var run = await CreateRunning();
        var body = new Dictionary<string, object?>
        {
            ["run_id"] = run,
            ["tool_call_id"] = "call_1",
            ["requested_responder_type"] = "human",
            ["title"] = "Who are you?",
            ["fields"] = new[] { "name" },
            [member] = value is null ? null : JsonElement.Parse(value),
        };

        (await Client.Post(InputRequestsPath, body)).AssertProblem(400, null, at);

        Assert.Equal("running", GetString(await Client.Get($"/runs/{run}"), "status"));
    }

    [Theory]
    [InlineData("""{}""", "/values")]
    [InlineData("""{"values":[]}""", "/values")]
    [InlineData("""{"values":{"a":{}}}""", "/values")]
    public async Task An_invalid_response_is_rejected_and_the_run_stays_waiting(string body, string at)
    {
        var run = await CreateRunning();
        var id = GetString(await RequestInput(run, "call_1"), "id");

        (await Client.Post($"{InputRequestsPath}/{id}/responses", body)).AssertProblem(400, null, at);

        Assert.Equal("waiting", GetString(await Client.Get($"/runs/{run}"), "status"));
    }

    [Fact]
    public async Task Other_tenants_and_conversations_input_requests_are_not_found()
    {
        var run = await CreateRunning();
        var id = GetString(await RequestInput(run, "call_1"), "id");
        var elsewhere = $"/conversations/{TestRequests.NewUuid()}/input-requests";
        using var other = application.CreateClient("vf_other_s_e_cret");

        (await Client.Get($"{elsewhere}/{id}")).AssertProblem(404);
        (await other.Get($"{InputRequestsPath}/{id}")).AssertProblem(404);
        (await other.Post($"{InputRequestsPath}/{id}/responses", """{"values":{}}""")).AssertProblem(404);
        (await Client.Post($"{elsewhere}/{id}/cancel")).AssertProblem(404);
        (await Client.Get($"{InputRequestsPath}/{TestRequests.NewUuid()}")).AssertProblem(404);
        (await Client.Get($"{InputRequestsPath}/nonsense")).AssertProblem(404);
        (await Client.Get("/conversations/nonsense/input-requests")).AssertProblem(404);
        (await RequestInput(run, "call_2", conversation: TestRequests.NewUuid())).AssertProblem(404);
        Assert.Empty((await other.Get(InputRequestsPath))["data"].EnumerateArray());
        (await Client.Get($"{InputRequestsPath}?cursor=x")).AssertProblem(400, null, "cursor");
        (await Client.Get($"{InputRequestsPath}?status=done")).AssertProblem(400, null, "status");
    }

    [Fact]
    public async Task A_cancel_published_before_its_create_cancels_the_created_run()
    {
        var run = TestRequests.NewId();
        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = run });
        await Eventually.Holds(async () => await application.Store.Find(RunIds.ForRun("dev", run), default) is not null);
        (await Client.Get($"/runs/{run}")).AssertProblem(404);
        (await Client.Get($"/runs/{run}/stream")).AssertProblem(404);
        (await Client.Post($"/runs/{run}/cancel")).AssertProblem(404);
        (await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""")).AssertProblem(404);
        (await Client.Post("/runs", TestRequests.TaskBody().With("parent_run_id", run))).AssertProblem(404);

        var created = await Client.Create(TestRequests.TaskBody(run));
        var again = await Client.Create(TestRequests.TaskBody(run));

        Assert.Equal("cancelled", created.GetProperty("run").GetProperty("status").GetString());
        Assert.False(created.GetProperty("duplicate").GetBoolean());
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        Assert.Equal("CANCELLED", Assert.Single((await Client.Get($"/runs/{run}/events"))["data"].EnumerateArray()).GetProperty("payload").GetProperty("code").GetString());
        Assert.Contains((await Client.Get($"/projects/{RunsApplication.Project}/runs?status=cancelled&limit=100"))["data"].EnumerateArray(), listed => listed.GetProperty("run_id").GetString() == run);
    }

    [Fact]
    public async Task A_cancel_that_was_answered_404_does_not_affect_a_later_create()
    {
        var run = TestRequests.NewId();

        (await Client.Post($"/runs/{run}/cancel")).AssertProblem(404);

        Assert.Equal("pending", (await Client.Create(TestRequests.TaskBody(run))).GetProperty("run").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_tool_result_does_not_answer_an_input_request()
    {
        var run = await CreateRunning();
        await RequestInput(run, "form");

        AssertRejected(await Resume(run, "form", """{"name":"me"}"""), "TOOL_RESULT_NOT_WAITING");

        Assert.Equal("waiting", GetString(await Client.Get($"/runs/{run}"), "status"));
    }

    private static string InputRequestsPath => $"/conversations/{RunsApplication.Conversation}/input-requests";

    private static string PathOf(string run) => $"/conversations/{RunsApplication.Conversation}/runs/{run}";

    private static string? GetString(ApiResponse answer, string member) => answer[member].GetString();

    private static void AssertRejected(ApiResponse answer, string code)
    {
        answer.AssertProblem(409);
        Assert.Equal(code, GetString(answer, "code"));
    }

    private async Task<string> CreateRunning(string conversation = RunsApplication.Conversation) =>
        (await Client.Create(TestRequests.AgentBody(request: new { agent_id = "writer", initial_status = "running" }, conversation: conversation)))
        .GetProperty("run").GetProperty("run_id").GetString()!;

    private Task<ApiResponse> Resume(string run, string call, string result, bool isError = false) =>
        Client.Post($"/runs/{run}/resume", $$"""{"type":"tool_result","tool_call_id":"{{call}}","result":{{result}},"is_error":{{(isError ? "true" : "false")}}}""");

    private Task<ApiResponse> RequestInput(string run, string call, string? expiresAt = null, string conversation = RunsApplication.Conversation) => Client.Post(
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
