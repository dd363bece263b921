using System.Diagnostics;
using System.Text.Json;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(FaultyContainers))]
public sealed class CSharpSampleWorkerTests(ContainerApplication application) : SampleWorkerTests(application, "csharp-worker"), IClassFixture<ContainerApplication>
{
    protected override Task<ProcessStartInfo> Command() =>
        Task.FromResult(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Runs.Samples.Worker.dll")]));
}

[Collection(nameof(FaultyContainers))]
public sealed class JavaScriptSampleWorkerTests(ContainerApplication application) : SampleWorkerTests(application, "javascript-worker"), IClassFixture<ContainerApplication>
{
    private static readonly NodeScript Worker = new("javascript-worker", "worker.mjs", "samples");

    protected override Task<ProcessStartInfo> Command() => Worker.Command();
}

/// <summary>The executors under <c>samples/</c>, as a newcomer starts them, against a server: what they show is what works.</summary>
public abstract class SampleWorkerTests(ContainerApplication application, string name)
{
    private const string Agent = "agent:echo";

    // Several appends.
    private static readonly string Text = string.Join(' ', Enumerable.Range(1, 60).Select(i => $"wörd-{i}"));

    private static readonly string[] ToolCall = ["TOOL_CALL_START", "TOOL_CALL_END", "TOOL_CALL_RESULT"];

    protected abstract Task<ProcessStartInfo> Command();

    [Fact]
    public async Task A_reserved_run_is_executed_when_its_input_arrives()
    {
        await using var worker = await Start(Agent);
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.AgentBody(id, new
        {
            mode = "agent",
            agent_id = "echo",
            initial_status = "pending",
            source_target_kind = "project",
            runtime_target_kind = "main_branch",
        }));

        var reserved = await ReadRun(id);
        await application.Client.Create(EchoRunBody(id, reserved["message_id"].GetString()!));
        await WaitUntilFinished(id);

        Assert.Equal("pending", reserved["status"].GetString());
        Assert.Equal(0, reserved["latest_event_id"].GetInt64());
        await AssertLogComplete(id, Text);
        Assert.DoesNotContain("wörd", worker.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(DevelopmentApiKey.Key, worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_is_executed_and_the_worker_shuts_down_on_request()
    {
        await using var worker = await Start("task:echo");
        var id = TestRequests.NewId();

        await application.Client.Create(TestRequests.TaskBody(id, new { target = "task:echo", config = new { text = Text } }));
        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}"))["status"].GetString() == "completed");

        Assert.Equal(Text, (await application.Client.Get($"/runs/{id}"))["output"].GetProperty("text").GetString());
        Assert.Equal(Text, ConcatenateText(await ListEvents(id)));
        Assert.Equal(0, await worker.Stop());
    }

    [Fact]
    public async Task A_run_executed_by_its_creator_is_ignored()
    {
        await using var worker = await Start(Agent);
        var theirs = TestRequests.NewId();
        var ours = TestRequests.NewId();

        await application.Client.Create(TestRequests.AgentBody(theirs, new { agent_id = "echo", initial_status = "running" }));
        await application.Client.Create(EchoRunBody(ours));
        await WaitUntilFinished(ours);

        Assert.Equal("running", (await ReadRun(theirs))["status"].GetString());
        Assert.Equal(0, (await ReadRun(theirs))["latest_external_event_sequence"].GetInt64());
    }

    [Fact]
    public async Task A_run_that_calls_a_tool_waits_for_the_result_and_continues_with_it()
    {
        await using var worker = await Start(Agent);
        var id = TestRequests.NewId();
        await application.Client.Create(EchoRunBody(id, asks: true));

        var waiting = await WaitUntilWaiting(id);
        await Resume(id, waiting, "and an answer");
        await WaitUntilFinished(id);

        Assert.Equal("ask", waiting["waiting_tool_name"].GetString());
        await AssertLogComplete(id, $"{Text} and an answer", ToolCall);
    }

    [Fact]
    public async Task A_run_of_a_worker_killed_during_an_append_is_finished_by_the_next_worker_without_duplicate_events()
    {
        var id = TestRequests.NewId();
        await using (var between = await ResponseDroppingProxy.Start(application.Client.BaseAddress!))
        {
            await using var first = await Start(Agent, between.Address);
            await application.Client.Create(EchoRunBody(id));
            await between.ResponseDropped;
            await first.Kill();
        }

        await using var second = await Start(Agent);
        await WaitUntilFinished(id);

        await AssertLogComplete(id, Text);
    }

    [Fact]
    public async Task A_task_of_a_worker_killed_during_an_append_is_finished_by_the_next_worker_without_duplicate_events()
    {
        var id = TestRequests.NewId();
        await using (var between = await ResponseDroppingProxy.Start(application.Client.BaseAddress!))
        {
            await using var first = await Start("task:echo", between.Address);
            await application.Client.Create(TestRequests.TaskBody(id, new { target = "task:echo", config = new { text = Text } }));
            await between.ResponseDropped;
            await first.Kill();
        }

        await using var second = await Start("task:echo");
        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}"))["status"].GetString() == "completed");

        Assert.Equal(Text, ConcatenateText(await ListEvents(id)));
    }

    [Fact]
    public async Task A_tool_call_repeated_by_a_redelivery_does_not_pause_the_run_after_its_result()
    {
        var id = TestRequests.NewId();
        await using (await Start(Agent))
        {
            await application.Client.Create(EchoRunBody(id, asks: true));
            await WaitUntilWaiting(id);
        }

        // The acceptance comes a second time, before the answer does.
        await application.Bus.Publish(CreateRunAccepted(id));
        await Resume(id, await ReadRun(id), "and an answer");
        await using var worker = await Start(Agent);
        await WaitUntilFinished(id);

        await AssertLogComplete(id, $"{Text} and an answer", ToolCall);
    }

    private async Task<SampleWorkerProcess> Start(string target, Uri? api = null) =>
        await SampleWorkerProcess.Start(await Command(), $"{name}.{target}", target, application, api ?? application.Client.BaseAddress!);

    private static Dictionary<string, object?> EchoRunBody(string id, string? messageId = null, bool asks = false) => TestRequests.AgentBody(id, new
    {
        mode = "agent",
        agent_id = "echo",
        input = new
        {
            messages = new[] { new { id = "m1", role = "user", parts = new[] { new { type = "text", text = Text } } } },
            context = new { conversation_id = RunsApplication.Conversation, project_id = RunsApplication.Project, branch_id = (string?)null },
            durable_root_run = new { run_id = id, message_id = messageId },
            forwarded_props = new { },
            ask_tool = asks,
        },
    });

    private static RunAccepted CreateRunAccepted(string id) => new()
    {
        Tenant = "dev",
        RunId = id,
        Kind = RunKinds.Agent,
        Owner = new Owner { Kind = OwnerKinds.Conversation, Id = RunsApplication.Conversation },
        Target = Agent,
        RootRunId = id,
        Status = RunStatuses.Pending,
        OccurredAt = TimeProvider.System.GetUtcNow(),
    };

    private Task<ApiResponse> ReadRun(string id) => application.Client.Get($"/conversations/{RunsApplication.Conversation}/runs/{id}");

    private async Task<ApiResponse> WaitUntilWaiting(string id)
    {
        await Eventually.Holds(async () => (await ReadRun(id))["status"].GetString() == "waiting_for_tool");
        return await ReadRun(id);
    }

    private async Task<ApiResponse> WaitUntilFinished(string id)
    {
        await Eventually.Holds(async () => (await ReadRun(id))["status"].GetString() is "completed" or "failed" or "cancelled");
        return await ReadRun(id);
    }

    private async Task Resume(string id, ApiResponse waiting, string result)
    {
        var body = new { type = "tool_result", tool_call_id = waiting["waiting_tool_call_id"].GetString(), result };
        Assert.Equal(200, (await application.Client.Post($"/runs/{id}/resume", body)).Status);
    }

    private async Task<List<JsonElement>> ListEvents(string id) => [.. (await application.Client.Get($"/runs/{id}/events?limit=500"))["data"].EnumerateArray()];

    /// <summary>The log has what it should, in order and once, and the conversation shows where it ends.</summary>
    private async Task AssertLogComplete(string id, string text, params string[] first)
    {
        var events = await ListEvents(id);
        var run = await ReadRun(id);
        var words = text.Split(' ').Select(_ => "TEXT_MESSAGE_CONTENT");
        Assert.Equal(
            ["RUN_STARTED", .. first, "TEXT_MESSAGE_START", .. words, "TEXT_MESSAGE_END", "RUN_FINISHED"],
            events.Select(logged => logged.GetProperty("event_type").GetString()));
        Assert.Equal(text, ConcatenateText(events));
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(logged => logged.GetProperty("event_id").GetInt32()));
        Assert.Equal("completed", run["status"].GetString());
        Assert.Equal(events.Count, run["latest_event_id"].GetInt32());
        Assert.Equal(events.Count - 2, run["latest_external_event_sequence"].GetInt32()); // the server wrote the first and the last
    }

    private static string ConcatenateText(List<JsonElement> events) => string.Concat(
        events.Where(logged => logged.GetProperty("event_type").GetString() == "TEXT_MESSAGE_CONTENT")
            .Select(logged => logged.GetProperty("payload").GetProperty("delta").GetString()));
}
