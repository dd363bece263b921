using System.Text.Json;
using System.Text.Json.Nodes;

namespace Runs.Client.Tests;

/// <summary>The members of <see cref="RunContext"/>.</summary>
public sealed class RunContextTests
{
    private FakeRun? _run;

    [Fact]
    public async Task A_checkpoint_is_read_by_the_next_attempt()
    {
        var read = new List<Progress?>();
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            read.Add(run.Checkpoint<Progress>());
            await run.SaveCheckpoint(new Progress((run.Checkpoint<Progress>()?.Pages ?? 0) + 1), stop);
            read.Add(run.Checkpoint<Progress>());
            return run.Attempt < 2 ? RunResult.Release() : RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.Releases.Count == 1);
        harness.Server.MakeReady(run);
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal([null, new Progress(1), new Progress(1), new Progress(2)], read);
        Assert.Equal("""{"pages":2}""", run.Session!["metadata"]!.ToJsonString());
        Assert.Equal(2, (int)run.Session["attempt"]!);
    }

    [Fact]
    public async Task A_checkpoint_is_an_object_of_at_most_64_KB()
    {
        var errors = new List<Exception>();
        await Execute(async (run, stop) =>
        {
            errors.Add(await Assert.ThrowsAsync<ArgumentException>(() => run.SaveCheckpoint(1, stop)));
            errors.Add(await Assert.ThrowsAsync<ArgumentException>(() => run.SaveCheckpoint(new { text = new string('x', 65_536) }, stop)));
            return RunResult.Completed();
        });

        Assert.Equal(2, errors.Count);
    }

    [Fact]
    public async Task Progress_is_an_event_of_the_log()
    {
        var run = await Execute(async (run, stop) =>
        {
            await run.Progress(0.5, "page 1", stop);
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => run.Progress(1.1, null, stop));
            return RunResult.Completed();
        });

        Assert.Equal("\"runs.progress\"", run.EventMember("CUSTOM", "name"));
        Assert.Equal("""{"share":0.5,"text":"page 1"}""", run.EventMember("CUSTOM", "value"));
    }

    [Fact]
    public async Task The_log_has_messages_reasoning_and_tool_calls_in_order()
    {
        var run = await Execute(async (run, stop) =>
        {
            await run.Log.Reasoning("hm", stop);
            await run.Log.Text("a", stop);
            await run.Log.Text("b", stop);
            await run.Log.ToolCall("call", "search", new { Query = "x" }, stop);
            await run.Log.Text("c", stop);
            return RunResult.Completed();
        });

        Assert.Equal(
            [
                "REASONING_MESSAGE_START", "REASONING_MESSAGE_CONTENT", "REASONING_MESSAGE_END",
                "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END",
                "TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END",
                "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END",
            ],
            run.EventTypes);
        Assert.Equal("""
            "{\u0022query\u0022:\u0022x\u0022}"
            """.Trim(), run.EventMember("TOOL_CALL_ARGS", "delta"));
        Assert.Equal("\"run_1\"", run.EventMember("REASONING_MESSAGE_START", "messageId"));
        Assert.Equal("\"run_1.2\"", run.EventMember("TEXT_MESSAGE_START", "messageId"));
    }

    [Fact]
    public async Task Events_are_sent_in_batches_of_24()
    {
        var run = await Execute(
            async (run, stop) =>
            {
                for (var i = 0; i < 100; i++)
                {
                    await run.Log.Custom("n", i, stop);
                }

                await run.Log.Flush(stop);
                return RunResult.Completed();
            },
            hasFakeTime: true);

        Assert.Equal([24, 24, 24, 24, 4], run.Appends);
        Assert.Equal(Enumerable.Range(0, 100), run.Events.Select(item => (int)item["value"]!));
    }

    [Fact]
    public async Task Events_are_sent_after_250_ms()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", async (run, stop) =>
            {
                await run.Log.Custom("n", 1, stop);
                await Task.Delay(Timeout.Infinite, stop);
                return RunResult.Completed();
            }),
            hasFakeTime: true);
        var run = harness.Server.AddTask();

        await harness.AdvanceUntil(() => run.Events.Count == 1, TimeSpan.FromMilliseconds(250));

        Assert.Equal([1], run.Appends);
        harness.Server.Cancel(run);
    }

    [Fact]
    public async Task Events_of_another_caller_do_not_stop_the_log()
    {
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            await run.Log.Custom("a", 1, stop);
            await run.Log.Flush(stop);
            _run!.Events.Add(new JsonObject { ["type"] = "CUSTOM", ["name"] = "other" });
            await run.Log.Custom("b", 2, stop);
            return RunResult.Completed();
        }));
        _run = harness.Server.AddTask();
        await harness.Server.Until(() => _run.HasEnded);

        Assert.Equal(["a", "other", "b"], _run.Events.Select(item => (string?)item["name"]));
    }

    [Fact]
    public async Task An_append_of_a_lost_attempt_stops_the_handler()
    {
        var context = new TaskCompletionSource<RunContext>();
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", async (run, stop) =>
            {
                context.SetResult(run);
                _run!.IsHeld = false; // no heartbeat says so
                await run.Log.Custom("a", 1, stop);
                await Assert.ThrowsAnyAsync<Exception>(() => run.Log.Flush(stop));
                return RunResult.Completed();
            }));
        _run = new FakeRun { Id = "run_1", Target = "task:test" };
        harness.Server.Add(_run);

        var run = await context.Task.WaitAsync(Eventually.Timeout);
        await harness.UntilIdle();

        Assert.Equal(StopReason.LeaseLost, run.StopReason);
        Assert.Empty(_run.Events);
    }

    [Fact]
    public async Task A_child_is_the_same_in_every_attempt()
    {
        var children = new List<(string Id, bool Duplicate)>();
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            var child = await run.StartChild("check", NewRun.Eval("eval:report"), stop);
            children.Add((child.RunId, child.Duplicate));
            return run.Attempt < 2 ? RunResult.Release() : RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.Releases.Count == 1);
        harness.Server.MakeReady(run);
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal(children[0].Id, children[1].Id);
        Assert.Equal((false, true), (children[0].Duplicate, children[1].Duplicate));
        Assert.StartsWith("run_1.", children[0].Id, StringComparison.Ordinal);
        var child = harness.Server.Find(children[0].Id);
        Assert.Equal(("run_1", "eval:report"), (child.ParentRunId, child.Target));
    }

    [Fact]
    public async Task The_id_of_a_child_of_a_long_id_is_valid_and_unique()
    {
        var ids = new List<string>();
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            ids.Add((await run.StartChild("a", NewRun.Task("x"), stop)).RunId);
            ids.Add((await run.StartChild("b", NewRun.Task("x"), stop)).RunId);
            return RunResult.Completed();
        }));
        var run = harness.Server.AddTask(new string('r', 128));
        await harness.Server.Until(() => run.HasEnded);

        Assert.NotEqual(ids[0], ids[1]);
        Assert.All(ids, id => Assert.InRange(id.Length, 1, 128));
    }

    [Fact]
    public async Task A_handler_waits_for_its_child_and_cancels_it()
    {
        RunResource? ended = null;
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            var child = await run.StartChild("check", NewRun.Eval("eval:report"), stop);
            Assert.True((await child.Cancel(stop)).Cancelled);
            ended = await child.End(stop);
            return RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal(RunStatuses.Completed, run.Status);
        Assert.Equal(RunStatuses.Cancelled, ended!.Status);
    }

    [Fact]
    public async Task An_agent_gets_its_request()
    {
        AgentRunContext? context = null;
        await using var harness = await WorkerHarness.Start(worker => worker.HandleAgents("writer", (run, stop) =>
        {
            context = run;
            return Task.FromResult(RunResult.Completed());
        }));
        var run = harness.Server.Add(new FakeRun
        {
            Id = "run_1",
            Target = "agent:writer-1",
            RequestSnapshot = JsonNode.Parse(
                """{"messages":[{"id":"m","role":"user"}],"tools":[{"name":"t"}],"context":[],"forwardedProps":{"a":1}}"""),
        });
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal("user", Assert.Single(context!.Messages).GetProperty("role").GetString());
        Assert.Equal("t", Assert.Single(context.Tools).GetProperty("name").GetString());
        Assert.Empty(context.Context);
        Assert.Equal(1, context.ForwardedProps.GetProperty("a").GetInt32());
    }

    [Fact]
    public async Task An_agent_without_a_snapshot_gets_its_input()
    {
        AgentRunContext? context = null;
        await using var harness = await WorkerHarness.Start(worker => worker.HandleAgents("writer", (run, stop) =>
        {
            context = run;
            return Task.FromResult(RunResult.Completed());
        }));
        var run = harness.Server.Add(new FakeRun
        {
            Id = "run_1",
            Target = "agent:a",
            Input = JsonNode.Parse("""{"messages":[{"role":"user"}],"context":{"x":1}}"""),
        });
        await harness.Server.Until(() => run.HasEnded);

        Assert.Single(context!.Messages);
        Assert.Equal(JsonValueKind.Object, Assert.Single(context.Context).ValueKind);
    }

    private static async Task<FakeRun> Execute(
        Func<RunContext<object>, CancellationToken, Task<RunResult>> handler, bool hasFakeTime = false)
    {
        await using var harness = await WorkerHarness.Start(worker => worker.Handle("task:test", handler), hasFakeTime);
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.HasEnded);
        Assert.Equal(RunStatuses.Completed, run.Status);
        return run;
    }

    private sealed record Progress(int Pages);
}
