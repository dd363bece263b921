namespace Runs.Client.Tests;

/// <summary>Waits that a handler holds, and waits that suspend the run.</summary>
public sealed class WaitTests
{
    [Fact]
    public async Task A_held_wait_returns_the_result_and_the_handler_goes_on()
    {
        Rate? rate = null;
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            await run.Log.Custom("before", null, stop);
            rate = await run.AwaitTool<Rate>("rate", "exchange_rate", within: TimeSpan.FromMinutes(2), stop);
            await run.Log.Custom("after", null, stop);
            return RunResult.Completed(new { rate!.Value });
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.WaitingFor == "rate");
        Assert.Single(run.Events); // written before the run waited

        harness.Server.Resume(run, new { value = 1.5 });
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal(new Rate(1.5), rate);
        Assert.Equal(2, run.Events.Count);
        var wait = Assert.Single(run.Waits);
        Assert.Equal(
            ("tool", "rate", "exchange_rate"),
            ((string?)wait["reason"], (string?)wait["tool_call_id"], (string?)wait["tool_name"]));
        Assert.Equal(1, (int)wait["attempt"]!);
        Assert.False((bool?)wait["release"] ?? false);
        Assert.InRange(
            (DateTimeOffset)wait["expires_at"]!, TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddMinutes(2.1));
    }

    [Fact]
    public async Task An_answered_call_is_not_made_again_by_a_later_attempt()
    {
        var rates = new List<Rate?>();
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            rates.Add(await run.AwaitTool<Rate>("rate", "exchange_rate", TimeSpan.FromMinutes(2), stop));
            rates.Add(await run.AwaitTool<Rate>("rate", "exchange_rate", TimeSpan.FromMinutes(2), stop));
            return run.Attempt < 2 ? RunResult.Release() : RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.WaitingFor == "rate");
        harness.Server.Resume(run, new { value = 2 });
        await harness.Server.Until(() => run.Releases.Count == 1);
        harness.Server.MakeReady(run);
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal(Enumerable.Repeat(new Rate(2), 4), rates);
        Assert.Single(run.Waits);
    }

    [Fact]
    public async Task A_failed_tool_call_throws()
    {
        ToolCallFailedException? exception = null;
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            exception = await Assert.ThrowsAsync<ToolCallFailedException>(
                () => run.AwaitTool<Rate>("rate", "exchange_rate", TimeSpan.FromMinutes(2), stop));
            return RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.WaitingFor == "rate");
        harness.Server.Resume(run, "no such currency", isError: true);
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal(("rate", "\"no such currency\""), (exception!.CallId, exception.Result!.Value.Text));
    }

    [Fact]
    public async Task A_form_is_opened_and_its_values_are_returned()
    {
        Approval? approval = null;
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            approval = await run.AwaitInput<Approval>("approve", Form.Confirm("Send?", field: "send"), TimeSpan.FromHours(1), stop);
            return RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.WaitingFor == "approve");
        harness.Server.Resume(run, new { send = true });
        await harness.Server.Until(() => run.HasEnded);

        Assert.True(approval!.Send);
        Assert.Equal("input", (string?)run.Waits[0]["reason"]);
        Assert.Equal("Send?", (string?)run.Waits[0]["input_request"]!["title"]);
        Assert.Equal("send", (string?)run.Waits[0]["input_request"]!["fields"]![0]!["name"]);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_it_waits_stops_its_handler()
    {
        var reason = new TaskCompletionSource<StopReason>();
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            try
            {
                await run.AwaitTool<Rate>("rate", "exchange_rate", TimeSpan.FromMinutes(2), stop);
            }
            finally
            {
                reason.SetResult(run.StopReason);
            }

            return RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.WaitingFor == "rate");

        harness.Server.Cancel(run);

        Assert.Equal(StopReason.RunCancelled, await reason.Task.WaitAsync(Eventually.Timeout));
    }

    [Fact]
    public async Task The_time_limit_does_not_apply_while_a_run_waits_and_begins_anew_after_it()
    {
        var reasons = new List<StopReason>();
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", async (run, stop) =>
            {
                await run.AwaitTool<Rate>("rate", "exchange_rate", TimeSpan.FromMinutes(10), stop);
                reasons.Add(run.StopReason);
                await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => reasons.Add(run.StopReason), TaskScheduler.Default);
                return RunResult.Completed();
            }),
            hasFakeTime: true);
        var run = harness.Server.Add(new FakeRun { Id = "run_1", Target = "task:test", TimeoutSeconds = 30 });
        await harness.AdvanceUntil(() => run.WaitingFor == "rate");
        for (var i = 0; i < 5; i++)
        {
            await harness.AdvanceByHeartbeat(TimeSpan.FromSeconds(20));
        }

        run.TimeoutAt = harness.Clock!.GetUtcNow().AddSeconds(30);
        harness.Server.Resume(run, new { value = 1 });
        await harness.Server.Until(() => reasons.Count == 1);
        harness.Clock.Advance(TimeSpan.FromSeconds(31));
        await harness.Server.Until(() => reasons.Count == 2);

        Assert.Equal([StopReason.None, StopReason.TimedOut], reasons);
    }

    [Fact]
    public async Task A_suspended_run_continues_with_the_answer_in_another_attempt()
    {
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>(
            "task:test",
            (run, stop) => run.Answer<Approval>("approve") is { } answer
                ? answer.Send ? RunResult.Completed("sent") : RunResult.Cancelled()
                : RunResult.AskInput("approve", Form.Confirm("Send?"), expiresIn: TimeSpan.FromDays(2))));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.WaitingFor == "approve");
        Assert.False(run.IsHeld);
        await harness.UntilIdle();

        harness.Server.Resume(run, new { send = true });
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal(2, run.Attempt);
        Assert.Equal("\"sent\"", run.Outcomes[0]["output"]!.ToJsonString());
        var wait = Assert.Single(run.Waits);
        Assert.True((bool)wait["release"]!);
        Assert.InRange(
            (DateTimeOffset)wait["expires_at"]! - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromDays(1.9), TimeSpan.FromDays(2.1));
    }

    [Theory]
    [InlineData("tool")]
    [InlineData("event")]
    [InlineData("approval")]
    public async Task A_run_is_suspended_for_each_reason(string reason)
    {
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", (run, stop) => reason switch
        {
            "tool" => RunResult.WaitTool("call", "search"),
            "event" => RunResult.WaitEvent("call"),
            _ => RunResult.WaitApproval("call"),
        }));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.Waits.Count == 1);

        Assert.Equal((reason, "call"), ((string?)run.Waits[0]["reason"], (string?)run.Waits[0]["tool_call_id"]));
        Assert.Null(run.Waits[0]["expires_at"]);
    }

    private sealed record Rate(double Value);

    private sealed record Approval(bool Send);
}
