using System.Text.Json;

namespace Runs.Tests.Http;

public sealed class InputRequestTests(EmbeddedApplication application) : InputRequestTests<EmbeddedApplication>(application);

public abstract class InputRequestTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    private static string InputRequestsPath => ApiPaths.InputRequests();

    [Fact]
    public async Task An_input_request_is_rejected_while_the_run_waits_for_the_same_call_without_a_form()
    {
        var run = await Client.CreateRunningAgent();
        await Client.Wait(run, new { reason = "input", tool_call_id = "call_1" });

        (await Client.RequestInput(run)).AssertProblemCode(409, "RUN_NOT_RUNNING");
    }

    [Fact]
    public async Task An_input_request_pauses_the_run_and_the_response_resumes_it()
    {
        const string Values = """{"name":"Ada","age":36.0,"ok":true,"none":null}""";
        var run = await Client.CreateRunningAgent();

        var created = await Client.RequestInput(run);
        var request = created.Read<ApiInputRequest>(201);
        var waiting = await Client.GetRun(run);
        var answered = await Client.PostInputResponse(request.Id, $$"""{"values":{{Values}}}""");
        var running = await Client.GetRun(run);

        Assert.Equal($"{InputRequestsPath}/{request.Id}", created.Headers["Location"]);
        Assert.Equal(("open", "form", run, "call_1"), (request.Status, request.Kind, request.RunId, request.ToolCallId));
        Assert.Equal(18, created.Body.EnumerateObject().Count());
        Assert.Equal(("waiting", "input"), (waiting.Status, waiting.WaitingReason));
        var submitted = answered.Read<ApiInputRequest>();
        Assert.Equal("submitted", submitted.Status);
        Assert.NotNull(submitted.SubmittedAt);
        Assert.Equal((Values, "human"), (submitted.LatestResponse!.Values.GetRawText(), submitted.LatestResponse.ActorType));
        Assert.Equal("running", running.Status);
        Assert.Equal(answered.Body.GetRawText(), (await Client.Get($"{InputRequestsPath}/{request.Id}")).Body.GetRawText());
    }

    [Fact]
    public async Task A_repeated_input_request_returns_the_first_one_in_any_status()
    {
        var run = await Client.CreateRunningAgent();
        var id = await Client.CreateInputRequest(run);

        var repeated = (await Client.RequestInput(run)).Read<ApiInputRequest>();
        await Client.PostInputResponse(id, """{"values":{}}""");
        var late = (await Client.RequestInput(run)).Read<ApiInputRequest>();

        Assert.Equal(id, repeated.Id);
        Assert.Equal("submitted", late.Status);
        Assert.Equal("running", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_repeated_response_returns_the_stored_result_and_a_different_one_is_a_conflict()
    {
        var id = await Client.CreateInputRequest(await Client.CreateRunningAgent());
        var first = await Client.PostInputResponse(id, """{"values":{"a":1}}""");

        var repeated = await Client.PostInputResponse(id, """{ "values" : {"a":1.0} }""");

        Assert.Equal(first.Body.GetRawText(), repeated.Body.GetRawText());
        (await Client.PostInputResponse(id, """{"values":{"a":2}}""")).AssertProblemCode(409, "TOOL_RESULT_CONFLICT");
        (await Client.Post($"{InputRequestsPath}/{id}/cancel")).AssertProblemCode(409, "TOOL_RESULT_CONFLICT");
    }

    [Fact]
    public async Task A_cancelled_input_request_resumes_the_run()
    {
        var run = await Client.CreateRunningAgent();
        var id = await Client.CreateInputRequest(run);

        var cancelled = await Client.Post($"{InputRequestsPath}/{id}/cancel");
        var repeated = await Client.Post($"{InputRequestsPath}/{id}/cancel");

        Assert.Equal("cancelled", cancelled.Read<ApiInputRequest>().Status);
        Assert.NotNull(cancelled.Read<ApiInputRequest>().CancelledAt);
        Assert.Equal(cancelled.Body.GetRawText(), repeated.Body.GetRawText());
        Assert.Equal("running", (await Client.GetRun(run)).Status);
        (await Client.PostInputResponse(id, """{"values":{}}""")).AssertProblemCode(409, "TOOL_RESULT_CONFLICT");
    }

    [Fact]
    public async Task An_input_request_is_closed_when_its_run_is_cancelled_or_its_wait_expires()
    {
        var (cancelled, expired) = (await Client.CreateRunningAgent(), await Client.CreateRunningAgent());
        var first = await Client.CreateInputRequest(cancelled);
        var second = await Client.CreateInputRequest(expired, expiresAt: "2026-01-01T00:00:00Z");

        await Client.Cancel(cancelled);

        Assert.Equal("cancelled", (await Client.GetInputRequest(first)).Status);
        await Eventually.Succeeds(async () => Assert.Equal("expired", (await Client.GetInputRequest(second)).Status));
        Assert.Equal("WAIT_EXPIRED", (await Client.GetRun(expired)).Error?.Code);
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
    public async Task An_invalid_input_request_is_rejected_and_the_run_stays_running(string member, string? value, string pointer)
    {
        var run = await Client.CreateRunningAgent();
        var body = new Dictionary<string, object?>
        {
            ["run_id"] = run,
            ["tool_call_id"] = "call_1",
            ["requested_responder_type"] = "human",
            ["title"] = "Who are you?",
            ["fields"] = new[] { "name" },
            [member] = value is null ? null : JsonElement.Parse(value),
        };

        (await Client.Post(InputRequestsPath, body)).AssertProblem(400, null, pointer);

        Assert.Equal("running", (await Client.GetRun(run)).Status);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(255)]
    public async Task An_input_request_with_the_id_of_no_run_is_not_found(int length)
    {
        var response = await Client.Post(InputRequestsPath, new
        {
            run_id = new string('r', length),
            tool_call_id = "call_1",
            requested_responder_type = "human",
            title = "Who are you?",
            fields = new[] { "name" },
        });

        response.AssertProblemCode(404, "RUN_NOT_FOUND");
    }

    [Theory]
    [InlineData("""{}""", "/values")]
    [InlineData("""{"values":[]}""", "/values")]
    [InlineData("""{"values":{"a":{}}}""", "/values")]
    public async Task An_invalid_response_is_rejected_and_the_run_stays_waiting(string body, string pointer)
    {
        var run = await Client.CreateRunningAgent();
        var id = await Client.CreateInputRequest(run);

        (await Client.PostInputResponse(id, body)).AssertProblem(400, null, pointer);

        Assert.Equal("waiting", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task Other_tenants_and_conversations_input_requests_are_not_found()
    {
        var run = await Client.CreateRunningAgent();
        var id = await Client.CreateInputRequest(run);
        var elsewhere = ApiPaths.InputRequests(TestRequests.NewUuid());
        using var other = application.CreateClient(RunsApplication.OtherKey);

        (await Client.Get($"{elsewhere}/{id}")).AssertProblem(404);
        (await other.Get($"{InputRequestsPath}/{id}")).AssertProblem(404);
        (await other.PostInputResponse(id, """{"values":{}}""")).AssertProblem(404);
        (await Client.Post($"{elsewhere}/{id}/cancel")).AssertProblem(404);
        (await Client.Get($"{InputRequestsPath}/{TestRequests.NewUuid()}")).AssertProblem(404);
        (await Client.Get($"{InputRequestsPath}/nonsense")).AssertProblem(404);
        (await Client.Get("/conversations/nonsense/input-requests")).AssertProblem(404);
        (await Client.RequestInput(run, "call_2", conversation: TestRequests.NewUuid())).AssertProblem(404);
        Assert.Empty((await other.List<ApiInputRequest>(InputRequestsPath)).Data);
        (await Client.Get($"{InputRequestsPath}?cursor=x")).AssertProblem(400, null, "cursor");
        (await Client.Get($"{InputRequestsPath}?status=done")).AssertProblem(400, null, "status");
    }

    [Fact]
    public async Task A_tool_result_does_not_answer_an_input_request()
    {
        var run = await Client.CreateRunningAgent();
        await Client.CreateInputRequest(run, "form");
        var result = new { type = "tool_result", tool_call_id = "form", result = new { name = "me" }, is_error = false };

        (await Client.Post($"/runs/{run}/resume", result)).AssertProblemCode(409, "TOOL_RESULT_NOT_WAITING");

        Assert.Equal("waiting", (await Client.GetRun(run)).Status);
    }
}
