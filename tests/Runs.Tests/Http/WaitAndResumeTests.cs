using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class WaitAndResumeTests(EmbeddedApplication application) : WaitAndResumeTests<EmbeddedApplication>(application);

public abstract class WaitAndResumeTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private static readonly object ToolWait = new { reason = "tool", tool_call_id = "call_1" };

    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_tool_result_resumes_a_run_that_waits_for_it()
    {
        var run = await Client.CreateRunningAgent();

        var wait = await Client.Wait(run, new { reason = "tool", tool_call_id = "call_1", tool_name = "ask" });
        var waiting = await Client.GetConversationRun(run);
        var result = new { type = "tool_result", tool_call_id = "call_1", result = (object?)null };
        var resume = await Client.Post($"/runs/{run}/resume", result);
        var running = await Client.GetConversationRun(run);

        Assert.Equal((true, "tool"), (wait.Waiting, wait.Run.WaitingReason));
        Assert.Equal(("waiting_for_tool", "call_1", "ask"), (waiting.Status, waiting.WaitingToolCallId, waiting.WaitingToolName));
        Assert.Equal("""{"accepted":true,"duplicate":false}""", resume.Body.GetRawText());
        Assert.Equal(("running", null, null), (running.Status, running.WaitingToolCallId, running.WaitingToolName));
        Assert.Null((await Client.GetRun(run)).WaitingReason);
    }

    [Fact]
    public async Task A_repeated_result_is_a_duplicate_and_a_different_result_a_conflict()
    {
        var run = await Client.CreateRunningAgent();
        await Client.Wait(run, ToolWait);
        await PostResult(run, "call_1", """{"a":1.0,"b":[]}""");

        var repeated = await PostResult(run, "call_1", """{"b":[],"a":1}""");
        var different = await PostResult(run, "call_1", "2");
        var error = await PostResult(run, "call_1", """{"a":1,"b":[]}""", isError: true);
        var unknown = await PostResult(run, "call_2", "1");
        await Client.Complete(run);

        Assert.Equal("""{"accepted":true,"duplicate":true}""", repeated.Body.GetRawText());
        different.AssertProblemCode(409, "TOOL_RESULT_CONFLICT");
        error.AssertProblemCode(409, "TOOL_RESULT_CONFLICT");
        unknown.AssertProblemCode(409, "TOOL_RESULT_NOT_WAITING");
        Assert.True((await PostResult(run, "call_1", """{"a":1,"b":[]}""")).Read<ResumedRun>().Duplicate);
        (await PostResult(run, "call_3", "1")).AssertProblemCode(409, "RUN_NOT_ACTIVE");
        (await PostResult(TestRequests.NewId(), "call_1", "1")).AssertProblem(404);
    }

    [Fact]
    public async Task A_result_for_another_tool_call_is_rejected()
    {
        var run = await Client.CreateRunningAgent();
        await Client.Wait(run, ToolWait);

        (await PostResult(run, "call_2", "1")).AssertProblemCode(409, "TOOL_RESULT_NOT_WAITING");

        Assert.Equal("waiting", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_repeated_wait_changes_nothing_and_a_different_wait_is_rejected()
    {
        var run = await Client.CreateRunningAgent();
        var first = await Client.Post($"/runs/{run}/wait", ToolWait);

        var repeated = await Client.Post($"/runs/{run}/wait", ToolWait);

        Assert.Equal(first["run"].GetRawText(), repeated["run"].GetRawText());
        (await Client.Post($"/runs/{run}/wait", new { reason = "event" })).AssertProblemCode(409, "RUN_NOT_RUNNING");
    }

    [Fact]
    public async Task A_wait_repeated_after_its_result_does_not_pause_the_run()
    {
        var run = await Client.CreateRunningAgent();
        await Client.Wait(run, ToolWait);
        await PostResult(run, "call_1", "1");

        var late = await Client.Wait(run, ToolWait);

        Assert.False(late.Waiting);
        Assert.Equal("running", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_redelivered_wait_without_a_tool_call_does_not_pause_the_run()
    {
        var run = await Client.CreateRunningAgent();
        var messageId = NewId.NextGuid();

        var first = await SendWait();
        await Client.Resume(run, new { type = "approval" });
        var redelivered = await SendWait();

        Assert.Equal(("waiting", "running"), (first.Run.Status, redelivered.Run.Status));

        async Task<RunSnapshot> SendWait()
        {
            var wait = new WaitRun { Tenant = "dev", RunId = run, Reason = "approval" };
            using var request = application.Bus.CreateRequestClient<WaitRun>().Create(wait);
            request.UseExecute(context => context.MessageId = messageId);
            return (await request.GetResponse<RunSnapshot>()).Message;
        }
    }

    [Theory]
    [InlineData("approval", "event")]
    [InlineData("event", "approval")]
    public async Task Only_a_result_of_the_awaited_type_resumes_the_run(string reason, string other)
    {
        var run = await Client.CreateRunningAgent();
        await Client.Wait(run, new { reason });

        (await Client.Post($"/runs/{run}/resume", new { type = other })).AssertProblemCode(409, "TOOL_RESULT_NOT_WAITING");
        var resumed = await Client.Post($"/runs/{run}/resume", new { type = reason, result = new { by = "Ada" } });

        Assert.Equal("""{"accepted":true,"duplicate":false}""", resumed.Body.GetRawText());
        Assert.Equal("running", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_wait_before_the_start_command_starts_the_run()
    {
        var run = await Client.CreateTask();

        var wait = await Client.Wait(run, new { reason = "event" });
        var start = new StartRun { Tenant = "dev", RunId = run };
        await application.Bus.CreateRequestClient<StartRun>().GetResponse<RunSnapshot>(start);

        Assert.NotNull(wait.Run.StartedAt);
        Assert.Equal("waiting", (await Client.GetRun(run)).Status);
        Assert.Equal("RUN_STARTED", Assert.Single((await Client.ListEvents(run)).Data).EventType);
    }

    [Fact]
    public async Task An_expired_wait_fails_the_run()
    {
        var run = await Client.CreateRunningAgent();

        await Client.Wait(run, new { reason = "tool", tool_call_id = "call_1", expires_at = "2026-01-01T00:00:00Z" });

        await Eventually.Succeeds(async () => Assert.Equal("failed", (await Client.GetRun(run)).Status));
        Assert.Equal("WAIT_EXPIRED", (await Client.GetRun(run)).Error?.Code);
        Assert.Equal("RUN_ERROR", (await Client.ListEvents(run)).Data[^1].EventType);
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
    public async Task An_invalid_wait_or_resume_is_rejected_and_changes_nothing(string operation, string body, string pointer)
    {
        var run = await Client.CreateRunningAgent();

        (await Client.Post($"/runs/{run}/{operation}", body)).AssertProblem(400, null, pointer);

        Assert.Equal("running", (await Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_result_of_64_KB_is_accepted_and_a_larger_one_is_rejected()
    {
        var run = await Client.CreateRunningAgent();
        await Client.Wait(run, ToolWait);

        (await PostResult(run, "call_1", $"\"{new string('x', 64 * 1024)}\"")).AssertProblem(400, null, "/result");

        Assert.Equal(200, (await PostResult(run, "call_1", $"\"{new string('x', (64 * 1024) - 2)}\"")).Status);
    }

    private Task<ApiResponse> PostResult(string run, string call, string result, bool isError = false)
    {
        var body = $$"""{"type":"tool_result","tool_call_id":"{{call}}","result":{{result}},"is_error":{{(isError ? "true" : "false")}}}""";
        return Client.Post($"/runs/{run}/resume", body);
    }
}
