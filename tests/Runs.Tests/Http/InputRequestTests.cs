using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class InputRequestTests(EmbeddedApplication application)
    : InputRequestTests<EmbeddedApplication>(application, InputRequestPaths.OfRun);

/// <summary>Input requests below a conversation or below a run: the rules are the same.</summary>
public abstract class InputRequestTests<TApplication>(TApplication application, InputRequestPaths paths) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task An_input_request_is_rejected_while_the_run_waits_for_the_same_call_without_a_form()
    {
        var run = await paths.CreateRun(Client);
        await Client.Wait(run, new { reason = "input", tool_call_id = "call_1" });

        (await Client.RequestInput(run, path: paths.Get(run))).AssertProblemCode(409, "RUN_NOT_RUNNING");
    }

    [Fact]
    public async Task An_input_request_pauses_the_run_and_the_response_resumes_it()
    {
        const string Values = """{"name":"Ada","age":36.0,"ok":true,"none":null}""";
        var run = await paths.CreateRun(Client);
        var path = paths.Get(run);

        var created = await Client.RequestInput(run, path: path);
        var request = created.Read<ApiInputRequest>(201);
        var waiting = await Client.GetRun(run);
        var answered = await Client.PostInputResponse(request.Id, $$"""{"values":{{Values}}}""", path);
        var running = await Client.GetRun(run);

        Assert.Equal($"{path}/{request.Id}", created.Headers["Location"]);
        Assert.Equal(paths.Conversation, request.ConversationId);
        Assert.Equal(("open", "form", run, "call_1"), (request.Status, request.Kind, request.RunId, request.ToolCallId));
        Assert.Equal(18, created.Body.EnumerateObject().Count());
        Assert.Equal(("waiting", "input"), (waiting.Status, waiting.WaitingReason));
        var submitted = answered.Read<ApiInputRequest>();
        Assert.Equal("submitted", submitted.Status);
        Assert.NotNull(submitted.SubmittedAt);
        Assert.Equal(paths.Conversation, answered["latest_response"].GetProperty("conversation_id").GetString());
        Assert.Equal((Values, "human"), (submitted.LatestResponse!.Values.GetRawText(), submitted.LatestResponse.ActorType));
        Assert.Equal("running", running.Status);
        Assert.Equal(answered.Body.GetRawText(), (await Client.Get($"{path}/{request.Id}")).Body.GetRawText());
        Assert.Equal([request.Id], (await Client.List<ApiInputRequest>($"{path}?run_id={run}")).Data.Select(listed => listed.Id));
    }

    [Fact]
    public async Task A_repeated_input_request_returns_the_first_one_in_any_status()
    {
        var run = await paths.CreateRun(Client);
        var path = paths.Get(run);
        var id = await Client.CreateInputRequest(run, path: path);

        var repeated = (await Client.RequestInput(run, path: paths.Get(run))).Read<ApiInputRequest>();
        await Client.PostInputResponse(id, """{"values":{}}""", path);
        var late = (await Client.RequestInput(run, path: paths.Get(run))).Read<ApiInputRequest>();

        Assert.Equal(id, repeated.Id);
        Assert.Equal("submitted", late.Status);
        Assert.Equal("running", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_repeated_response_returns_the_stored_result_and_a_different_one_is_a_conflict()
    {
        var run = await paths.CreateRun(Client);
        var path = paths.Get(run);
        var id = await Client.CreateInputRequest(run, path: path);
        var first = await Client.PostInputResponse(id, """{"values":{"a":1}}""", path);

        var repeated = await Client.PostInputResponse(id, """{ "values" : {"a":1.0} }""", path);

        Assert.Equal(first.Body.GetRawText(), repeated.Body.GetRawText());
        (await Client.PostInputResponse(id, """{"values":{"a":2}}""", path)).AssertProblemCode(409, "TOOL_RESULT_CONFLICT");
        (await Client.Post($"{path}/{id}/cancel")).AssertProblemCode(409, "TOOL_RESULT_CONFLICT");
    }

    [Fact]
    public async Task A_cancelled_input_request_resumes_the_run()
    {
        var run = await paths.CreateRun(Client);
        var path = paths.Get(run);
        var id = await Client.CreateInputRequest(run, path: path);

        var cancelled = await Client.Post($"{path}/{id}/cancel");
        var repeated = await Client.Post($"{path}/{id}/cancel");

        Assert.Equal("cancelled", cancelled.Read<ApiInputRequest>().Status);
        Assert.NotNull(cancelled.Read<ApiInputRequest>().CancelledAt);
        Assert.Equal(cancelled.Body.GetRawText(), repeated.Body.GetRawText());
        Assert.Equal("running", (await Client.GetRun(run)).Status);
        (await Client.PostInputResponse(id, """{"values":{}}""", path)).AssertProblemCode(409, "TOOL_RESULT_CONFLICT");
    }

    [Fact]
    public async Task An_input_request_is_closed_when_its_run_is_cancelled_or_its_wait_expires()
    {
        var (cancelled, expired) = (await paths.CreateRun(Client), await paths.CreateRun(Client));
        var first = await Client.CreateInputRequest(cancelled, path: paths.Get(cancelled));
        var second = await Client.CreateInputRequest(
            expired, path: paths.Get(expired), expiresAt: "2026-01-01T00:00:00Z");

        await Client.Cancel(cancelled);

        Assert.Equal("cancelled", (await Client.GetInputRequest(first, paths.Get(cancelled))).Status);
        await Eventually.Succeeds(
            async () => Assert.Equal("expired", (await Client.GetInputRequest(second, paths.Get(expired))).Status));
        Assert.Equal("WAIT_EXPIRED", (await Client.GetRun(expired)).Error?.Code);
    }

    [Theory]
    [InlineData("kind", "\"poll\"", "/kind")]
    [InlineData("run_id", "7", "/run_id")]
    [InlineData("tool_call_id", null, "/tool_call_id")]
    [InlineData("requested_responder_type", "\"dog\"", "/requested_responder_type")]
    [InlineData("title", "\"\"", "/title")]
    [InlineData("fields", "[]", "/fields")]
    [InlineData("fields", "{}", "/fields")]
    [InlineData("fields", null, "/fields")]
    [InlineData("expires_at", "7", "/expires_at")]
    [InlineData("metadata", "[]", "/metadata")]
    public async Task An_invalid_input_request_is_rejected_and_the_run_stays_running(string member, string? value, string pointer)
    {
        var run = await paths.CreateRun(Client);
        var body = new Dictionary<string, object?>
        {
            ["run_id"] = run,
            ["tool_call_id"] = "call_1",
            ["requested_responder_type"] = "human",
            ["title"] = "Who are you?",
            ["fields"] = new[] { "name" },
            [member] = value is null ? null : JsonElement.Parse(value),
        };

        (await Client.Post(paths.Get(run), body)).AssertProblem(400, null, pointer);

        Assert.Equal("running", (await Client.GetRun(run)).Status);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(255)]
    public async Task An_input_request_with_the_id_of_no_run_is_not_found(int length)
    {
        var run = await paths.CreateRun(Client);

        var response = await Client.Post(paths.Get(run), new
        {
            run_id = new string('r', length),
            tool_call_id = "call_1",
            requested_responder_type = "human",
            title = "Who are you?",
            fields = new[] { "name" },
        });

        response.AssertProblemCode(404, "RUN_NOT_FOUND");
        Assert.Equal("running", (await Client.GetRun(run)).Status);
    }

    [Theory]
    [InlineData("""{}""", "/values")]
    [InlineData("""{"values":[]}""", "/values")]
    [InlineData("""{"values":{"a":{}}}""", "/values")]
    public async Task An_invalid_response_is_rejected_and_the_run_stays_waiting(string body, string pointer)
    {
        var run = await paths.CreateRun(Client);
        var id = await Client.CreateInputRequest(run, path: paths.Get(run));

        (await Client.PostInputResponse(id, body, paths.Get(run))).AssertProblem(400, null, pointer);

        Assert.Equal("waiting", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task Other_tenants_input_requests_and_unknown_ones_are_not_found()
    {
        var run = await paths.CreateRun(Client);
        var path = paths.Get(run);
        var id = await Client.CreateInputRequest(run, path: path);
        using var other = application.CreateClient(RunsApplication.OtherKey);

        (await other.Get($"{path}/{id}")).AssertProblem(404);
        (await other.RequestInput(run, path: path)).AssertProblem(404, "No such run.");
        (await other.PostInputResponse(id, """{"values":{}}""", path)).AssertProblem(404);
        (await other.Post($"{path}/{id}/cancel")).AssertProblem(404);
        foreach (var unknown in new[] { TestRequests.NewUuid(), "nonsense" })
        {
            (await Client.Get($"{path}/{unknown}")).AssertProblemCode(404, "INPUT_REQUEST_NOT_FOUND");
            (await Client.PostInputResponse(unknown, """{"values":{}}""", path)).AssertProblemCode(404, "INPUT_REQUEST_NOT_FOUND");
            (await Client.Post($"{path}/{unknown}/cancel")).AssertProblemCode(404, "INPUT_REQUEST_NOT_FOUND");
        }

        (await Client.Get($"{path}?cursor=x")).AssertProblem(400, null, "cursor");
        (await Client.Get($"{path}?status=done")).AssertProblem(400, null, "status");
        Assert.Equal("waiting", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task Lists_show_nothing_to_other_tenants()
    {
        var run = await paths.CreateRun(Client);
        await Client.CreateInputRequest(run, path: paths.Get(run));
        using var other = application.CreateClient(RunsApplication.OtherKey);

        var listed = await other.Get(paths.Get(run));

        if (paths == InputRequestPaths.OfRun)
        {
            listed.AssertProblemCode(404, "RUN_NOT_FOUND");
        }
        else
        {
            Assert.Equal((200, 0), (listed.Status, listed["data"].GetArrayLength()));
        }
    }

    [Fact]
    public async Task Input_requests_of_another_run_or_conversation_are_not_found()
    {
        var (run, otherRun) = (await paths.CreateRun(Client), await paths.CreateRun(Client));
        var id = await Client.CreateInputRequest(run, path: paths.Get(run));
        var elsewhere = paths == InputRequestPaths.OfRun ? paths.Get(otherRun) : ApiPaths.InputRequests(TestRequests.NewUuid());

        (await Client.Get($"{elsewhere}/{id}")).AssertProblemCode(404, "INPUT_REQUEST_NOT_FOUND");
        (await Client.PostInputResponse(id, """{"values":{}}""", elsewhere)).AssertProblemCode(404, "INPUT_REQUEST_NOT_FOUND");
        (await Client.Post($"{elsewhere}/{id}/cancel")).AssertProblemCode(404, "INPUT_REQUEST_NOT_FOUND");
        (await Client.RequestInput(run, "call_2", path: elsewhere)).AssertProblemCode(404, "RUN_NOT_FOUND");
        Assert.Empty((await Client.List<ApiInputRequest>(elsewhere)).Data);

        Assert.Equal("open", (await Client.GetInputRequest(id, paths.Get(run))).Status);
        Assert.Equal("running", (await Client.GetRun(otherRun)).Status);
    }

    [Fact]
    public async Task An_attempt_that_is_over_and_one_that_is_not_named_cannot_request_input()
    {
        var run = await CreateClaimed();
        var form = CreateForm(run);

        (await Client.Post(paths.Get(run), form.ToJsonString())).AssertProblemCode(409, "ATTEMPT_REQUIRED"); // a fenced claim
        form["attempt"] = 2;
        (await Client.Post(paths.Get(run), form.ToJsonString())).AssertProblemCode(409, "ATTEMPT_LOST");

        Assert.Equal("running", (await Client.GetRun(run)).Status);
        Assert.Empty((await Client.List<ApiInputRequest>($"{paths.Get(run)}?run_id={run}")).Data);
        form["attempt"] = 1;
        Assert.Equal(201, (await Client.Post(paths.Get(run), form.ToJsonString())).Status);
    }

    [Fact]
    public async Task A_suspended_run_is_ready_for_its_next_attempt_when_the_form_is_answered()
    {
        var run = await CreateClaimed();
        var form = CreateForm(run);
        (form["attempt"], form["release"]) = (1, true);

        var created = (await Client.Post(paths.Get(run), form.ToJsonString())).Read<ApiInputRequest>(201);
        var suspended = await Stored(run);
        var early = await TryClaim(run);
        await Client.PostInputResponse(created.Id, """{"values":{"name":"Ada"}}""", paths.Get(run));

        Assert.Equal(("waiting", null), (suspended.Status, suspended.LeaseOwner));
        Assert.Equal("suspended", Assert.Single(suspended.Attempts).Outcome);
        Assert.IsType<RunRejected>(early);
        var claim = Assert.IsType<RunSnapshot>(await TryClaim(run)).Claim!;
        Assert.Equal((2, """{"name":"Ada"}"""), (claim.Attempt, Assert.Single(claim.ToolResults).Result!.Value.Text));
    }

    [Fact]
    public async Task A_tool_result_does_not_answer_an_input_request()
    {
        var run = await paths.CreateRun(Client);
        await Client.CreateInputRequest(run, "form", paths.Get(run));
        var result = new { type = "tool_result", tool_call_id = "form", result = new { name = "me" }, is_error = false };

        (await Client.Post($"/runs/{run}/resume", result)).AssertProblemCode(409, "TOOL_RESULT_NOT_WAITING");

        Assert.Equal("waiting", (await Client.GetRun(run)).Status);
    }

    private static JsonObject CreateForm(string run) => new()
    {
        ["run_id"] = run,
        ["tool_call_id"] = "ask",
        ["requested_responder_type"] = "human",
        ["title"] = "Who are you?",
        ["fields"] = new JsonArray(new JsonObject { ["name"] = "name" }),
    };

    private async Task<string> CreateClaimed()
    {
        var run = TestRequests.NewId();
        await Client.Create(paths == InputRequestPaths.OfRun ? TestRequests.TaskBody(run) : TestRequests.AgentBody(run));
        Assert.IsType<RunSnapshot>(await TryClaim(run));
        return run;
    }

    private async Task<object> TryClaim(string run)
    {
        var claim = new ClaimRun { Tenant = "dev", RunId = run, ClaimId = TestRequests.NewUuid(), WorkerId = "worker", Fenced = true };
        return (await application.Bus.CreateRequestClient<ClaimRun>().GetResponse<RunSnapshot, RunRejected>(claim)).Message;
    }

    private async Task<Run> Stored(string run) => (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
}
