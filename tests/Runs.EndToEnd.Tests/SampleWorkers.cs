using System.Diagnostics;
using System.Text.Json;
using Runs.Api;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(Containers))]
public sealed class SampleWorkerInCSharp(ContainerStack stack) : SampleWorkers(stack, "csharp-worker"), IClassFixture<ContainerStack>
{
    protected override Task<ProcessStartInfo> Command() =>
        Task.FromResult(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Runs.Samples.Worker.dll")]));
}

[Collection(nameof(Containers))]
public sealed class SampleWorkerInJavaScript(ContainerStack stack) : SampleWorkers(stack, "javascript-worker"), IClassFixture<ContainerStack>
{
    private static readonly NodeScript Worker = new("javascript-worker", "worker.mjs", "samples");

    protected override Task<ProcessStartInfo> Command() => Worker.Command();
}

/// <summary>The executors under <c>samples/</c>, as a newcomer starts them, against a server: what they show is what works.</summary>
public abstract class SampleWorkers(ContainerStack stack, string name)
{
    private const string Agent = "agent:echo";

    // Several appends.
    private static readonly string Text = string.Join(' ', Enumerable.Range(1, 60).Select(i => $"wörd-{i}"));

    private static readonly string[] ToolCall = ["TOOL_CALL_START", "TOOL_CALL_END", "TOOL_CALL_RESULT"];

    protected abstract Task<ProcessStartInfo> Command();

    [Fact]
    public async Task A_reserved_run_is_executed_once_its_input_has_come()
    {
        await using var worker = await Start(Agent);
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Agent(id, new
        {
            mode = "agent",
            agent_id = "echo",
            initial_status = "pending",
            source_target_kind = "project",
            runtime_target_kind = "main_branch",
        }));

        var reserved = await Projection(id);
        await stack.Client.Create(EchoRun(id, reserved["message_id"].GetString()!));
        await End(id);

        Assert.Equal("pending", reserved["status"].GetString());
        Assert.Equal(0, reserved["latest_event_id"].GetInt64());
        await LogIsWhole(id, Text);
        Assert.DoesNotContain("wörd", worker.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(DevelopmentKey.Text, worker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_is_executed_and_the_worker_ends_when_it_is_asked_to()
    {
        await using var worker = await Start("task:echo");
        var id = Calls.NewId();

        await stack.Client.Create(Calls.Task(id, new { target = "task:echo", config = new { text = Text } }));
        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{id}"))["status"].GetString() == "completed");

        Assert.Equal(Text, (await stack.Client.Read($"/runs/{id}"))["output"].GetProperty("text").GetString());
        Assert.Equal(Text, TextOf(await Events(id)));
        Assert.Equal(0, await worker.Stop());
    }

    [Fact]
    public async Task A_run_that_its_creator_executes_is_left_alone()
    {
        await using var worker = await Start(Agent);
        var theirs = Calls.NewId();
        var ours = Calls.NewId();

        await stack.Client.Create(Calls.Agent(theirs, new { agent_id = "echo", initial_status = "running" }));
        await stack.Client.Create(EchoRun(ours));
        await End(ours);

        Assert.Equal("running", (await Projection(theirs))["status"].GetString());
        Assert.Equal(0, (await Projection(theirs))["latest_external_event_sequence"].GetInt64());
    }

    [Fact]
    public async Task A_run_that_asks_a_tool_waits_for_its_result_and_goes_on_with_it()
    {
        await using var worker = await Start(Agent);
        var id = Calls.NewId();
        await stack.Client.Create(EchoRun(id, asks: true));

        var waiting = await Waiting(id);
        await Resume(id, waiting, "and an answer");
        await End(id);

        Assert.Equal("ask", waiting["waiting_tool_name"].GetString());
        await LogIsWhole(id, $"{Text} and an answer", ToolCall);
    }

    [Fact]
    public async Task A_run_whose_worker_is_killed_between_a_write_and_its_answer_is_finished_by_the_next_worker_without_doubled_events()
    {
        var id = Calls.NewId();
        await using (var between = await LostAnswer.Before(stack.Client.BaseAddress!))
        {
            await using var first = await Start(Agent, between.Address);
            await stack.Client.Create(EchoRun(id));
            await between.Lost;
            await first.Kill();
        }

        await using var second = await Start(Agent);
        await End(id);

        await LogIsWhole(id, Text);
    }

    [Fact]
    public async Task A_task_whose_worker_is_killed_between_a_write_and_its_answer_is_finished_by_the_next_worker_without_doubled_events()
    {
        var id = Calls.NewId();
        await using (var between = await LostAnswer.Before(stack.Client.BaseAddress!))
        {
            await using var first = await Start("task:echo", between.Address);
            await stack.Client.Create(Calls.Task(id, new { target = "task:echo", config = new { text = Text } }));
            await between.Lost;
            await first.Kill();
        }

        await using var second = await Start("task:echo");
        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{id}"))["status"].GetString() == "completed");

        Assert.Equal(Text, TextOf(await Events(id)));
    }

    [Fact]
    public async Task A_question_that_is_asked_again_by_a_second_delivery_does_not_outlast_its_answer()
    {
        var id = Calls.NewId();
        await using (await Start(Agent))
        {
            await stack.Client.Create(EchoRun(id, asks: true));
            await Waiting(id);
        }

        // The acceptance comes a second time, before the answer does.
        await stack.Bus.Publish(Acceptance(id));
        await Resume(id, await Projection(id), "and an answer");
        await using var worker = await Start(Agent);
        await End(id);

        await LogIsWhole(id, $"{Text} and an answer", ToolCall);
    }

    private async Task<SampleWorkerProcess> Start(string target, Uri? api = null) =>
        await SampleWorkerProcess.Start(await Command(), $"{name}.{target}", target, stack, api ?? stack.Client.BaseAddress!);

    private static Dictionary<string, object?> EchoRun(string id, string? messageId = null, bool asks = false) => Calls.Agent(id, new
    {
        mode = "agent",
        agent_id = "echo",
        input = new
        {
            messages = new[] { new { id = "m1", role = "user", parts = new[] { new { type = "text", text = Text } } } },
            context = new { conversation_id = Stack.Conversation, project_id = Stack.Project, branch_id = (string?)null },
            durable_root_run = new { run_id = id, message_id = messageId },
            forwarded_props = new { },
            ask_tool = asks,
        },
    });

    private static RunAccepted Acceptance(string id) => new()
    {
        Tenant = "dev",
        RunId = id,
        Kind = RunKinds.Agent,
        Owner = new Owner { Kind = OwnerKinds.Conversation, Id = Stack.Conversation },
        Target = Agent,
        RootRunId = id,
        Status = RunStatuses.Pending,
        OccurredAt = TimeProvider.System.GetUtcNow(),
    };

    private Task<Answer> Projection(string id) => stack.Client.Read($"/conversations/{Stack.Conversation}/runs/{id}");

    private async Task<Answer> Waiting(string id)
    {
        await Eventually.Holds(async () => (await Projection(id))["status"].GetString() == "waiting_for_tool");
        return await Projection(id);
    }

    private async Task<Answer> End(string id)
    {
        await Eventually.Holds(async () => (await Projection(id))["status"].GetString() is "completed" or "failed" or "cancelled");
        return await Projection(id);
    }

    private async Task Resume(string id, Answer waiting, string result)
    {
        var body = new { type = "tool_result", tool_call_id = waiting["waiting_tool_call_id"].GetString(), result };
        Assert.Equal(200, (await stack.Client.Post($"/runs/{id}/resume", body)).Status);
    }

    private async Task<List<JsonElement>> Events(string id) => [.. (await stack.Client.Read($"/runs/{id}/events?limit=500"))["data"].EnumerateArray()];

    /// <summary>The log has what it should, in order and once, and the conversation shows where it ends.</summary>
    private async Task LogIsWhole(string id, string text, params string[] first)
    {
        var events = await Events(id);
        var run = await Projection(id);
        var words = text.Split(' ').Select(_ => "TEXT_MESSAGE_CONTENT");
        Assert.Equal(
            ["RUN_STARTED", .. first, "TEXT_MESSAGE_START", .. words, "TEXT_MESSAGE_END", "RUN_FINISHED"],
            events.Select(logged => logged.GetProperty("event_type").GetString()));
        Assert.Equal(text, TextOf(events));
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(logged => logged.GetProperty("event_id").GetInt32()));
        Assert.Equal("completed", run["status"].GetString());
        Assert.Equal(events.Count, run["latest_event_id"].GetInt32());
        Assert.Equal(events.Count - 2, run["latest_external_event_sequence"].GetInt32()); // the server wrote the first and the last
    }

    private static string TextOf(List<JsonElement> events) => string.Concat(
        events.Where(logged => logged.GetProperty("event_type").GetString() == "TEXT_MESSAGE_CONTENT")
            .Select(logged => logged.GetProperty("payload").GetProperty("delta").GetString()));
}
