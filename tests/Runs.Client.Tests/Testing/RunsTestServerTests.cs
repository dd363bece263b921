using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Runs.Testing;

namespace Runs.Client.Tests;

/// <summary>The package for tests of workers.</summary>
public sealed class RunsTestServerTests
{
    [Fact]
    public async Task A_worker_executes_a_run_and_the_end_is_awaited()
    {
        await using var runs = await RunsTestServer.Start();
        await runs.AddWorker(worker =>
        {
            worker.Services.AddSingleton(new Greetings("Hello"));
            worker.Handle<Greeter>();
        });

        var created = await runs.Client.Create(NewRun.Task("task:greet", new Person("Ada")));
        var run = await runs.Ended(created.Run.RunId);

        Assert.Equal((RunStatuses.Completed, """{"text":"Hello, Ada!"}"""), (run.Status, run.Output!.Value.Text));
    }

    [Fact]
    public async Task A_run_that_has_not_ended_in_time_is_reported_with_its_status()
    {
        await using var runs = await RunsTestServer.Start();
        var created = await runs.Client.Create(NewRun.Task("task:without-worker"));

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => runs.Ended(created.Run.RunId, TimeSpan.Zero));

        Assert.Contains(RunStatuses.Pending, exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RunNotFoundException>(() => runs.Ended("run_none"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => runs.LoseLease(created.Run.RunId));
    }

    [Fact]
    public async Task A_lost_lease_stops_the_handler_and_begins_another_attempt()
    {
        var started = new TaskCompletionSource();
        var reason = new TaskCompletionSource<StopReason>();
        await using var runs = await RunsTestServer.Start();
        await runs.AddWorker(worker => worker.Handle<object>("task:long", async (run, stop) =>
        {
            if (run.Attempt == 1)
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                reason.SetResult(run.StopReason);
            }

            return RunResult.Completed(new { run.Attempt });
        }));
        var created = await runs.Client.Create(NewRun.Task("task:long"));
        await started.Task.WaitAsync(Eventually.Timeout);

        await runs.LoseLease(created.Run.RunId);

        Assert.Equal(StopReason.LeaseLost, await reason.Task.WaitAsync(Eventually.Timeout));
        var run = await runs.Ended(created.Run.RunId);
        Assert.Equal(("""{"attempt":2}""", 1), (run.Output!.Value.Text, run.FailedAttempts));
    }

    [Fact]
    public async Task With_a_fake_clock_the_delay_of_a_retry_passes_when_the_test_advances_it()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var runs = await RunsTestServer.Start(clock);
        await runs.AddWorker(worker => worker.Handle<object>("task:flaky", (run, stop) =>
            run.Attempt == 1
                ? RunResult.Failed("AGAIN", "Again.", retryAfter: TimeSpan.FromHours(10))
                : RunResult.Completed()));
        var created = await runs.Client.Create(NewRun.Task("task:flaky") with { BackoffLimit = 1 });
        await Eventually.Holds(async () => (await runs.Client.Get(created.Run.RunId)).FailedAttempts == 1);
        Assert.Equal(clock.GetUtcNow().AddHours(10), (await runs.Client.Get(created.Run.RunId)).NextAttemptAt);

        clock.Advance(TimeSpan.FromHours(10));
        var ended = runs.Ended(created.Run.RunId);
        await Eventually.Holds(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(20)); // not faster than real time: leases end on this clock, too
            return Task.FromResult(ended.IsCompleted);
        });
        var run = await ended;

        // Not the number of attempts: the advance may also cut the claim of one, which is released and not counted.
        Assert.Equal((RunStatuses.Completed, 1), (run.Status, run.FailedAttempts));
    }

    [Fact]
    public async Task With_a_fake_clock_a_server_stops_also_while_a_handler_waits_for_a_call()
    {
        var waits = new TaskCompletionSource();
        var runs = await RunsTestServer.Start(new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        var other = await runs.Client.Create(NewRun.Task("task:without-worker"));
        await runs.AddWorker(worker => worker.Handle<object>("task:waits", async (run, stop) =>
        {
            var end = run.Services.GetRequiredService<RunsClient>()
                .WaitForEnd(other.Run.RunId, TimeSpan.FromHours(1), CancellationToken.None);
            waits.SetResult();
            await end;
            return RunResult.Completed();
        }));
        await runs.Client.Create(NewRun.Task("task:waits"));
        await waits.Task.WaitAsync(Eventually.Timeout);

        await runs.DisposeAsync().AsTask().WaitAsync(Eventually.Timeout);
    }

    [Fact]
    public async Task Two_servers_share_nothing()
    {
        await using var one = await RunsTestServer.Start();
        await using var other = await RunsTestServer.Start();
        var created = await one.Client.Create(NewRun.Task("task:a"));

        await Assert.ThrowsAsync<RunNotFoundException>(() => other.Client.Get(created.Run.RunId));
    }

    private sealed record Person(string Name);

    private sealed record Greetings(string Word);

    [Handles("task:greet")]
    private sealed class Greeter(Greetings greetings) : IRunHandler<Person>
    {
        public Task<RunResult> Handle(RunContext<Person> run, CancellationToken stop) =>
            Task.FromResult(RunResult.Completed(new { text = $"{greetings.Word}, {run.Config.Name}!" }));
    }
}
