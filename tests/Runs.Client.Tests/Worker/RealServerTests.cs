using System.Diagnostics;

namespace Runs.Client.Tests;

/// <summary>The life of attempts: a worker and the real server.</summary>
public sealed class RealServerTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    // Of each test, so that no other worker of the server gets its runs.
    private readonly string _target = $"task:{Guid.CreateVersion7():N}";

    private RunsClient Client => server.Client;

    [Fact]
    public async Task A_run_is_executed_with_its_config_and_its_log_has_the_events_of_the_handler()
    {
        await using var worker = await Start(worker => worker.Handle<Greeting>(_target, async (run, stop) =>
        {
            await run.Progress(0.5, "half", stop);
            await run.Log.Text($"Hello, {run.Config.Name}!", stop);
            return RunResult.Completed(new { greeted = run.Config.Name });
        }));

        var run = await CreateAndWait(NewRun.Task(_target, new Greeting("Ada")));

        Assert.Equal((RunStatuses.Completed, 1, 0), (run.Status, run.Attempt, run.FailedAttempts));
        Assert.Equal("""{"greeted":"Ada"}""", run.Output!.Value.Text);
        var events = new List<RunEvent>();
        await foreach (var item in Client.Follow(run.RunId))
        {
            events.Add(item);
        }

        Assert.Equal(
            ["RUN_STARTED", "CUSTOM", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "RUN_FINISHED"],
            events.Select(item => item.EventType));
        Assert.Contains("runs.progress", events[1].Payload.Text, StringComparison.Ordinal);
        Assert.Equal([AttemptOutcomes.Completed], await GetOutcomes(run.RunId));
        // Calls that succeed are not logged.
        Assert.All(worker.Log.GetSnapshot(), entry => Assert.DoesNotContain("Polly", entry.Category!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_attempt_is_followed_by_one_that_continues_from_its_checkpoint()
    {
        var seen = new List<(int Attempt, int Failed, int Pages)>();
        await using var worker = await Start(worker => worker.Handle<object>(_target, async (run, stop) =>
        {
            var pages = run.Checkpoint<Done>()?.Pages ?? 0;
            seen.Add((run.Attempt, run.FailedAttempts, pages));
            await run.SaveCheckpoint(new Done(pages + 1), stop);
            return run.Attempt < 3 ? throw new InvalidOperationException("The disk is full.") : RunResult.Completed();
        }));

        var run = await CreateAndWait(NewRun.Task(_target) with { BackoffLimit = 2 });

        Assert.Equal((RunStatuses.Completed, 3, 2), (run.Status, run.Attempt, run.FailedAttempts));
        Assert.Equal([(1, 0, 0), (2, 1, 1), (3, 2, 2)], seen);
        var first = (await Client.Attempts(run.RunId)).First(attempt => attempt.Attempt == 1);
        Assert.Equal((nameof(InvalidOperationException), "The disk is full."), (first.Error!.Code, first.Error.Message));
    }

    [Fact]
    public async Task A_failure_that_is_not_retryable_ends_the_run_with_its_code()
    {
        await using var worker = await Start(worker => worker.Handle<object>(_target, (run, stop) =>
            RunResult.Failed("CHECK_FAILED", "The report is wrong.", retryable: false)));

        var run = await CreateAndWait(NewRun.Task(_target) with { BackoffLimit = 5 });

        Assert.Equal((RunStatuses.Failed, 1), (run.Status, run.Attempt));
        Assert.Equal(("CHECK_FAILED", "The report is wrong."), (run.Error!.Code, run.Error.Message));
    }

    [Fact]
    public async Task A_handler_is_stopped_within_a_second_of_the_cancel_of_its_run()
    {
        var started = new SemaphoreSlim(0);
        var stopped = new SemaphoreSlim(0);
        var reasons = new List<StopReason>();
        // The lease is 60 s: without an answer to the pending heartbeat, the worker would learn of it after 20 s.
        await using var worker = await Start(worker => worker.Handle<object>(_target, async (run, stop) =>
        {
            started.Release();
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            reasons.Add(run.StopReason);
            stopped.Release();
            stop.ThrowIfCancellationRequested();
            return RunResult.Completed();
        }));

        var delays = new List<TimeSpan>();
        for (var i = 0; i < 3; i++)
        {
            var created = await Client.Create(NewRun.Task(_target));
            Assert.True(await started.WaitAsync(Eventually.Timeout));
            var watch = Stopwatch.StartNew();
            Assert.True((await Client.Cancel(created.Run.RunId)).Cancelled);
            Assert.True(await stopped.WaitAsync(Eventually.Timeout));
            delays.Add(watch.Elapsed);
            Assert.Equal(RunStatuses.Cancelled, (await Client.Get(created.Run.RunId)).Status);
            Assert.Equal([AttemptOutcomes.Cancelled], await GetOutcomes(created.Run.RunId));
        }

        // The shortest: other processes of a busy machine may delay one of them.
        Assert.InRange(delays.Min(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(Enumerable.Repeat(StopReason.RunCancelled, 3), reasons);
    }

    [Fact]
    public async Task A_handler_is_stopped_when_the_time_limit_of_its_run_is_over()
    {
        var reason = new TaskCompletionSource<StopReason>();
        await using var worker = await Start(worker => worker.Handle<object>(_target, async (run, stop) =>
        {
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            reason.SetResult(run.StopReason);
            return RunResult.Completed();
        }));

        var run = await CreateAndWait(NewRun.Task(_target) with { TimeoutSeconds = 1, BackoffLimit = 5 });

        Assert.Equal((RunStatuses.Failed, "TIMEOUT", 1), (run.Status, run.Error!.Code, run.Attempt));
        Assert.Equal(StopReason.TimedOut, await reason.Task.WaitAsync(Eventually.Timeout));
    }

    [Fact]
    public async Task A_run_that_waits_for_an_approval_is_suspended_and_the_next_attempt_has_the_answer()
    {
        await using var worker = await Start(worker => worker.Handle<object>(_target, (run, stop) =>
            run.Answer<Approval>("approve") is { } answer
                ? RunResult.Completed(new { answer.Send, run.Attempt })
                : RunResult.WaitApproval("approve", TimeSpan.FromDays(2))));
        var created = await Client.Create(NewRun.Task(_target));
        var waiting = await WaitUntilWaiting(created.Run.RunId);
        Assert.Null(waiting.LeaseExpiresAt);

        Assert.True((await Client.Resume(created.Run.RunId, "approve", new Approval(Send: true))).Accepted);
        var run = await Client.WaitForEnd(created.Run.RunId, Eventually.Timeout);

        Assert.Equal("""{"send":true,"attempt":2}""", run.Output!.Value.Text);
        Assert.Equal(0, run.FailedAttempts);
        Assert.Equal([AttemptOutcomes.Suspended, AttemptOutcomes.Completed], await GetOutcomes(run.RunId));
    }

    [Fact]
    public async Task A_handler_that_awaits_a_tool_continues_with_its_result_in_the_same_attempt()
    {
        await using var worker = await Start(worker => worker.Handle<object>(_target, async (run, stop) =>
        {
            var rate = await run.AwaitTool<Rate>("rate", "exchange_rate", within: TimeSpan.FromMinutes(2), stop);
            await run.Progress(1, null, stop);
            return RunResult.Completed(rate);
        }));
        var created = await Client.Create(NewRun.Task(_target));
        var waiting = await WaitUntilWaiting(created.Run.RunId);
        Assert.NotNull(waiting.LeaseExpiresAt);

        await Client.Resume(created.Run.RunId, "rate", new Rate(1.5));
        var run = await Client.WaitForEnd(created.Run.RunId, Eventually.Timeout);

        Assert.Equal(("""{"value":1.5}""", 1), (run.Output!.Value.Text, run.Attempt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_that_shuts_down_releases_its_run_and_another_one_takes_it_at_once(bool returnsRelease)
    {
        var started = new TaskCompletionSource();
        await using var first = await Start(worker => worker
            .Configure(options => options.ShutdownGrace = returnsRelease ? TimeSpan.FromSeconds(20) : TimeSpan.Zero)
            .Handle<object>(_target, async (run, stop) =>
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, returnsRelease ? run.ShuttingDown : stop)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stop.ThrowIfCancellationRequested();
                return RunResult.Release();
            }));
        var created = await Client.Create(NewRun.Task(_target) with { BackoffLimit = 0 });
        await started.Task.WaitAsync(Eventually.Timeout);
        await using var second = await Start(worker => worker.Handle<object>(_target, (run, stop) => RunResult.Completed()));

        await first.Stop();
        var run = await Client.WaitForEnd(created.Run.RunId, Eventually.Timeout);

        Assert.Equal((RunStatuses.Completed, 2, 0), (run.Status, run.Attempt, run.FailedAttempts));
        var attempts = await Client.Attempts(run.RunId);
        Assert.Equal([AttemptOutcomes.Released, AttemptOutcomes.Completed], await GetOutcomes(run.RunId));
        Assert.Equal(2, attempts.Select(attempt => attempt.WorkerKey).Distinct().Count());
        Assert.All(attempts, attempt => Assert.Null(attempt.RetryAt));
    }

    [Fact]
    public async Task The_run_of_a_crashed_worker_is_taken_by_another_one_after_its_lease_and_the_late_outcome_is_rejected()
    {
        var (started, crashed, late) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var first = await Start(worker => worker
            .Configure(options => options.Lease = TimeSpan.FromSeconds(5))
            .Handle<object>(_target, async (run, stop) =>
            {
                await run.SaveCheckpoint(new Done(1), stop);
                started.SetResult();
                await crashed.Task;
                return RunResult.Completed(new { by = "first" });
            }));
        var created = await Client.Create(NewRun.Task(_target));
        await started.Task.WaitAsync(Eventually.Timeout);
        first.Crash();
        await using var second = await Start(worker => worker.Handle<object>(_target, async (run, stop) =>
        {
            crashed.SetResult();
            await late.Task;
            return RunResult.Completed(new { by = "second", run.Checkpoint<Done>()!.Pages });
        }));

        await crashed.Task.WaitAsync(Eventually.Timeout);
        await Eventually.Holds(() => Task.FromResult(first.Log.GetSnapshot().Any(entry => entry.Exception is AttemptLostException)));
        late.SetResult();
        var run = await Client.WaitForEnd(created.Run.RunId, Eventually.Timeout);

        Assert.Equal("""{"by":"second","pages":1}""", run.Output!.Value.Text);
        Assert.Equal((2, 1), (run.Attempt, run.FailedAttempts));
        var attempts = (await Client.Attempts(run.RunId)).OrderBy(attempt => attempt.Attempt).ToList();
        Assert.Equal((AttemptOutcomes.Lost, AttemptOutcomes.Completed), (attempts[0].Outcome, attempts[1].Outcome));
        Assert.True(attempts[0].EndedAt - attempts[0].StartedAt >= TimeSpan.FromSeconds(5), "The attempt ended before its lease.");
    }

    [Fact]
    public async Task Two_workers_execute_each_of_many_runs_once()
    {
        var executed = new List<string>();
        void Configure(RunsWorkerBuilder worker) => worker.Handle<object>(_target, (run, stop) =>
        {
            lock (executed)
            {
                executed.Add(run.RunId);
            }

            return RunResult.Completed();
        });
        await using var first = await Start(Configure);
        await using var second = await Start(Configure);

        var runs = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => CreateAndWait(NewRun.Task(_target))));

        Assert.All(runs, run => Assert.Equal((RunStatuses.Completed, 1), (run.Status, run.Attempt)));
        Assert.Equal(runs.Select(run => run.RunId).Order(StringComparer.Ordinal), executed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_child_run_is_executed_and_is_the_same_in_every_attempt()
    {
        var children = new List<(string Id, bool IsDuplicate)>();
        await using var worker = await Start(worker => worker
            .Handle<object>($"{_target}-child", (run, stop) => RunResult.Completed(new { child = true }))
            .Handle<object>(_target, async (run, stop) =>
            {
                var child = await run.StartChild("check", NewRun.Task($"{_target}-child"), stop);
                children.Add((child.RunId, child.Duplicate));
                var end = await child.End(stop);
                return run.Attempt == 1 ? RunResult.Failed("AGAIN", "Again.") : RunResult.Completed(new { end.Status });
            }));

        var run = await CreateAndWait(NewRun.Task(_target) with { BackoffLimit = 1 });

        Assert.Equal("""{"status":"completed"}""", run.Output!.Value.Text);
        Assert.Equal([(children[0].Id, false), (children[0].Id, true)], children);
        Assert.Equal(run.RunId, (await Client.Get(children[0].Id)).ParentRunId);
    }

    [Fact]
    public async Task An_agent_run_of_the_implementation_has_its_messages()
    {
        var kind = $"kind-{Guid.CreateVersion7():N}";
        await using var worker = await Start(worker => worker.HandleAgents(kind, async (run, stop) =>
        {
            await run.Log.Text("Hello.", stop);
            return RunResult.Completed(new { run.AgentId, Role = run.Messages[0].GetProperty("role").GetString() });
        }));

        var run = await CreateAndWait(
            NewRun.Agent("writer", new { messages = new[] { new { id = "m1", role = "user", content = "Hello?" } } }) with
            {
                ImplementationKind = kind,
            });

        Assert.Equal((RunStatuses.Completed, """{"agentId":"writer","role":"user"}"""), (run.Status, run.Output!.Value.Text));
    }

    private Task<RunningWorker> Start(Action<RunsWorkerBuilder> configure) => RunningWorker.Start(server, configure);

    private async Task<RunResource> CreateAndWait(NewRun run) =>
        await Client.WaitForEnd((await Client.Create(run)).Run.RunId, Eventually.Timeout);

    private async Task<RunResource> WaitUntilWaiting(string runId)
    {
        await Eventually.Holds(async () => (await Client.Get(runId)).Status == RunStatuses.Waiting);
        return await Client.Get(runId);
    }

    private async Task<IEnumerable<string?>> GetOutcomes(string runId) =>
        (await Client.Attempts(runId)).OrderBy(attempt => attempt.Attempt).Select(attempt => attempt.Outcome);

    private sealed record Greeting(string Name);

    private sealed record Done(int Pages);

    private sealed record Approval(bool Send);

    private sealed record Rate(double Value);
}
