using System.Diagnostics;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>The workers under <c>samples/</c>, started like in their README, with a server.</summary>
public abstract class SampleWorkerTests(ContainerApplication application, string name)
{
    private const string Agent = "agent:echo";

    // Enough for several appends.
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

        var reserved = await application.Client.GetConversationRun(id);
        await application.Client.Create(EchoRunBody(id, reserved.MessageId));
        await WaitUntilFinished(id);

        Assert.Equal(("pending", 0), (reserved.Status, reserved.LatestEventId));
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
        await Eventually.Holds(async () => (await application.Client.GetRun(id)).Status == "completed");

        Assert.Equal(Text, (await application.Client.GetRun(id)).Output.GetProperty("text").GetString());
        Assert.Equal(Text, ConcatenateText(await ListEvents(id)));
        Assert.Equal(0, await worker.Stop());
    }

    [Fact]
    public async Task A_run_executed_by_its_creator_is_ignored()
    {
        await using var worker = await Start(Agent);
        var executedByCreator = TestRequests.NewId();
        var executedByWorker = TestRequests.NewId();

        await application.Client.Create(TestRequests.AgentBody(executedByCreator, new { agent_id = "echo", initial_status = "running" }));
        await application.Client.Create(EchoRunBody(executedByWorker));
        await WaitUntilFinished(executedByWorker);

        var run = await application.Client.GetConversationRun(executedByCreator);
        Assert.Equal(("running", 0), (run.Status, run.LatestExternalEventSequence));
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

        Assert.Equal("ask", waiting.WaitingToolName);
        await AssertLogComplete(id, $"{Text} and an answer", ToolCall);
    }

    [Fact]
    public async Task A_run_of_a_worker_killed_during_an_append_is_finished_by_the_next_worker_without_duplicate_events()
    {
        var id = TestRequests.NewId();
        await using (var proxy = await ResponseDroppingProxy.Start(application.Client.BaseAddress!))
        {
            await using var first = await Start(Agent, proxy.Address);
            await application.Client.Create(EchoRunBody(id));
            await proxy.ResponseDropped;
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
        await using (var proxy = await ResponseDroppingProxy.Start(application.Client.BaseAddress!))
        {
            await using var first = await Start("task:echo", proxy.Address);
            await application.Client.Create(TestRequests.TaskBody(id, new { target = "task:echo", config = new { text = Text } }));
            await proxy.ResponseDropped;
            await first.Kill();
        }

        await using var second = await Start("task:echo");
        await Eventually.Holds(async () => (await application.Client.GetRun(id)).Status == "completed");

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

        // RunAccepted is redelivered before the tool result.
        await application.Bus.Publish(CreateRunAccepted(id));
        await Resume(id, await application.Client.GetConversationRun(id), "and an answer");
        await using var worker = await Start(Agent);
        await WaitUntilFinished(id);

        await AssertLogComplete(id, $"{Text} and an answer", ToolCall);
    }

    private async Task<SampleWorkerProcess> Start(string target, Uri? api = null) =>
        await SampleWorkerProcess.Start(await Command(), $"{name}.{target}", target, application, api ?? application.Client.BaseAddress!);

    private static Dictionary<string, object?> EchoRunBody(
        string id, string? messageId = null, bool asks = false) => TestRequests.AgentBody(id, new
        {
            mode = "agent",
            agent_id = "echo",
            input = new
            {
                messages = new[] { new { id = "m1", role = "user", parts = new[] { new { type = "text", text = Text } } } },
                context = new
                {
                    conversation_id = RunsApplication.Conversation,
                    project_id = RunsApplication.Project,
                    branch_id = (string?)null,
                },
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

    private async Task<ApiConversationRun> WaitUntilWaiting(string id)
    {
        await Eventually.Holds(async () => (await application.Client.GetConversationRun(id)).Status == "waiting_for_tool");
        return await application.Client.GetConversationRun(id);
    }

    private Task WaitUntilFinished(string id) => Eventually.Holds(async () =>
        (await application.Client.GetConversationRun(id)).Status is "completed" or "failed" or "cancelled");

    private Task Resume(string id, ApiConversationRun waiting, string result) =>
        application.Client.Resume(id, new { type = "tool_result", tool_call_id = waiting.WaitingToolCallId, result });

    private async Task<IReadOnlyList<ApiEvent>> ListEvents(string id) => (await application.Client.ListEvents(id, "?limit=500")).Data;

    /// <summary>
    /// Checks that the log has all expected events once and in order, and that the run points to its end.
    /// </summary>
    private async Task AssertLogComplete(string id, string text, params string[] first)
    {
        var events = await ListEvents(id);
        var run = await application.Client.GetConversationRun(id);
        var words = text.Split(' ').Select(_ => "TEXT_MESSAGE_CONTENT");
        Assert.Equal(
            ["RUN_STARTED", .. first, "TEXT_MESSAGE_START", .. words, "TEXT_MESSAGE_END", "RUN_FINISHED"],
            events.Select(logged => logged.EventType));
        Assert.Equal(text, ConcatenateText(events));
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(logged => (int)logged.EventId));
        Assert.Equal("completed", run.Status);
        Assert.Equal(events.Count, run.LatestEventId);
        Assert.Equal(events.Count - 2, run.LatestExternalEventSequence); // the server wrote the first and the last event
    }

    private static string ConcatenateText(IEnumerable<ApiEvent> events) => string.Concat(
        events.Where(logged => logged.EventType == "TEXT_MESSAGE_CONTENT")
            .Select(logged => logged.Payload.GetProperty("delta").GetString()));
}
