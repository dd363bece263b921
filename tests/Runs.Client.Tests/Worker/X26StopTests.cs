using System.Diagnostics;

namespace Runs.Client.Tests;

/// <summary>
/// X26: cancel, shutdown, lost lease, timeout and a foreign <see cref="OperationCanceledException"/>: the right
/// <see cref="StopReason"/>, at once, and only what should be reported.
/// </summary>
public sealed class X26StopTests
{
    private readonly TaskCompletionSource<RunContext> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StopReason> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task X26_a_cancelled_run_stops_its_handler_within_a_second_and_reports_nothing()
    {
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", UntilStopped));
        var run = harness.Server.AddTask();
        await _started.Task.WaitAsync(Eventually.Timeout);
        await harness.Server.Until(() => harness.Server.PendingHeartbeats == 1);

        var watch = Stopwatch.StartNew();
        harness.Server.Cancel(run);
        Assert.Equal(StopReason.RunCancelled, await _stopped.Task.WaitAsync(Eventually.Timeout));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed}");
        await harness.UntilIdle();
        Assert.Empty(run.Outcomes);
        Assert.Empty(run.Releases);
    }

    [Fact]
    public async Task X26_a_lost_lease_stops_the_handler_and_nothing_is_reported()
    {
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", UntilStopped));
        var run = harness.Server.AddTask();
        await _started.Task.WaitAsync(Eventually.Timeout);

        harness.Server.LoseLease(run);

        Assert.Equal(StopReason.LeaseLost, await _stopped.Task.WaitAsync(Eventually.Timeout));
        await harness.UntilIdle();
        Assert.Empty(run.Outcomes);
        Assert.DoesNotContain("POST /runs/run_1/complete", harness.Server.Requests);
    }

    [Fact]
    public async Task X26_a_handler_is_stopped_at_the_time_limit_and_the_server_ends_the_run()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", UntilStopped), hasFakeTime: true);
        var run = harness.Server.Add(new FakeRun { Id = "run_1", Target = "task:test", TimeoutSeconds = 15 });
        await _started.Task.WaitAsync(Eventually.Timeout);
        await harness.Server.Until(() => harness.Server.PendingHeartbeats == 1);

        harness.Clock!.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal(StopReason.TimedOut, await _stopped.Task.WaitAsync(Eventually.Timeout));
        await harness.UntilIdle();
        Assert.Empty(run.Outcomes);
    }

    [Fact]
    public async Task X26_the_time_limit_is_that_of_the_servers_clock()
    {
        await using var server = await FakeRunsServer.Start(new SkewedTimeProvider(TimeSpan.FromMinutes(-5)));
        using var host = WorkerHarness.Build(server, worker => worker.Handle<object>("task:test", UntilStopped));
        server.Add(new FakeRun { Id = "run_1", Target = "task:test", TimeoutSeconds = 200 });
        await host.StartAsync();

        // By the worker's clock, the time limit was over 100 seconds before the run began.
        await _started.Task.WaitAsync(Eventually.Timeout);
        await server.Until(() => server.PendingHeartbeats == 1);
        Assert.False(_stopped.Task.IsCompleted);

        server.Cancel(server.Find("run_1"));
        Assert.Equal(StopReason.RunCancelled, await _stopped.Task.WaitAsync(Eventually.Timeout));
        await host.StopAsync();
    }

    [Fact]
    public async Task X26_a_shutdown_lets_a_handler_finish_within_the_grace_period()
    {
        var finished = new TaskCompletionSource();
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            _started.SetResult(run);
            await finished.Task;
            return stop.IsCancellationRequested ? RunResult.Failed("STOPPED", "stop was cancelled") : RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        var context = await _started.Task.WaitAsync(Eventually.Timeout);
        await harness.Server.Until(() => harness.Server.Claims.Count == 2); // the one of the run, and the next

        var stopped = harness.Host.StopAsync();
        await Eventually.Holds(() => Task.FromResult(context.ShuttingDown.IsCancellationRequested));
        finished.SetResult();
        await stopped.WaitAsync(Eventually.Timeout);

        Assert.Equal(RunStatuses.Completed, run.Status);
        Assert.Equal(StopReason.None, context.StopReason);
        Assert.Equal(2, harness.Server.Claims.Count);
    }

    [Fact]
    public async Task X26_a_handler_that_stops_after_the_grace_period_is_released()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", UntilStopped), hasFakeTime: true);
        var run = harness.Server.AddTask();
        var context = await _started.Task.WaitAsync(Eventually.Timeout);

        var stopped = harness.Host.StopAsync();
        await Eventually.Holds(() => Task.FromResult(context.ShuttingDown.IsCancellationRequested));
        harness.Clock!.Advance(TimeSpan.FromSeconds(19));
        Assert.False(_stopped.Task.IsCompleted);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(StopReason.Shutdown, await _stopped.Task.WaitAsync(Eventually.Timeout));
        await stopped.WaitAsync(Eventually.Timeout);

        Assert.Equal(["shutdown"], run.Releases);
        Assert.Empty(run.Outcomes);
    }

    [Fact]
    public async Task X26_a_handler_that_ignores_the_shutdown_is_released_five_seconds_later()
    {
        var finished = new TaskCompletionSource();
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", async (run, stop) =>
            {
                _started.SetResult(run);
                await finished.Task;
                return RunResult.Completed();
            }),
            hasFakeTime: true);
        var run = harness.Server.AddTask();
        var context = await _started.Task.WaitAsync(Eventually.Timeout);

        var stopped = harness.Host.StopAsync();
        await Eventually.Holds(() => Task.FromResult(context.ShuttingDown.IsCancellationRequested));
        harness.Clock!.Advance(TimeSpan.FromSeconds(20));
        await Eventually.Holds(() => Task.FromResult(context.StopReason == StopReason.Shutdown));
        Assert.Empty(run.Releases);
        await harness.AdvanceUntil(() => run.Releases.Count > 0, TimeSpan.FromSeconds(1));
        await stopped.WaitAsync(Eventually.Timeout);

        Assert.Equal(["shutdown"], run.Releases);
        finished.SetResult();
    }

    [Fact]
    public async Task X26_a_foreign_cancellation_is_a_failure()
    {
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>(
            "task:test", (run, stop) => Task.FromException<RunResult>(new TaskCanceledException("The request timed out."))));
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.HasEnded);

        var outcome = Assert.Single(run.Outcomes);
        Assert.Equal("failed", (string?)outcome["status"]);
        Assert.Equal(nameof(TaskCanceledException), (string?)outcome["terminal_error_code"]);
        Assert.True((bool)outcome["retryable"]!);
    }

    [Fact]
    public async Task X26_a_result_after_the_cancel_is_not_reported()
    {
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            _started.SetResult(run);
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            return RunResult.Completed();
        }));
        var run = harness.Server.AddTask();
        await _started.Task.WaitAsync(Eventually.Timeout);
        harness.Server.Cancel(run);
        await harness.UntilIdle();

        Assert.DoesNotContain("POST /runs/run_1/complete", harness.Server.Requests);
    }

    private async Task<RunResult> UntilStopped(RunContext run, CancellationToken stop)
    {
        _started.TrySetResult(run);
        try
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        finally
        {
            _stopped.TrySetResult(run.StopReason);
        }

        return RunResult.Completed();
    }
}
