using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Runs.Client.Tests;

/// <summary>How leases are renewed, and what a worker does that cannot renew them.</summary>
public sealed class LeaseTests
{
    private readonly TaskCompletionSource<RunContext> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_lease_is_renewed_after_each_third_of_its_duration()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", UntilStopped), hasFakeTime: true);
        var run = harness.Server.AddTask();
        var context = await _started.Task.WaitAsync(Eventually.Timeout);

        for (var i = 0; i < 10; i++)
        {
            await harness.AdvanceByHeartbeat(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(StopReason.None, context.StopReason);
        Assert.Equal(harness.Clock!.GetUtcNow().AddSeconds(60), run.LeaseExpiresAt);
        var body = harness.Server.Heartbeats.Last();
        Assert.Equal("""[{"run_id":"run_1","attempt":1}]""", body["runs"]!.ToJsonString());
        Assert.Equal((60, 20), ((int)body["lease_duration_seconds"]!, (int)body["wait_seconds"]!));
        harness.Server.Cancel(run);
    }

    [Fact]
    public async Task Without_renewals_the_handler_is_stopped_after_five_sixths_of_the_lease()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", UntilStopped), hasFakeTime: true);
        using var lost = new MetricCollector<long>(
            harness.Host.Services.GetRequiredService<IMeterFactory>(), "Runs.Worker", "runs.worker.leases.lost");
        var run = harness.Server.AddTask();
        var context = await _started.Task.WaitAsync(Eventually.Timeout);
        await harness.Server.Until(() => harness.Server.PendingHeartbeats == 1);
        harness.Server.Interceptor = FailHeartbeats;

        // The held heartbeat was sent at this time, but has not been answered: it does not count.
        harness.Clock!.Advance(TimeSpan.FromSeconds(49));
        Assert.Equal(StopReason.None, context.StopReason);
        harness.Clock.Advance(TimeSpan.FromSeconds(2));

        await Eventually.Holds(() => Task.FromResult(context.StopReason == StopReason.LeaseLost));
        await harness.UntilIdle();
        Assert.Empty(run.Outcomes);
        Assert.Equal(1, lost.LastMeasurement!.Value);
        harness.Server.Interceptor = null;
    }

    [Fact]
    public async Task A_heartbeat_that_fails_is_repeated_in_time()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", UntilStopped), hasFakeTime: true);
        harness.Server.AddTask();
        var context = await _started.Task.WaitAsync(Eventually.Timeout);
        await harness.Server.Until(() => harness.Server.PendingHeartbeats == 1);
        var failures = 0;
        harness.Server.Interceptor = http => failures++ < 3 ? FailHeartbeats(http) : Task.FromResult(false);

        harness.Clock!.Advance(TimeSpan.FromSeconds(20));
        await harness.AdvanceUntil(() => failures > 3 && harness.Server.PendingHeartbeats == 1);

        Assert.Equal(StopReason.None, context.StopReason);
        harness.Server.Cancel(harness.Server.Find("run_1"));
    }

    [Fact]
    public async Task A_new_attempt_is_named_by_a_heartbeat_at_once_and_all_leases_are_confirmed()
    {
        var started = 0;
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:test", async (run, stop) =>
        {
            Interlocked.Increment(ref started);
            await Task.Delay(Timeout.Infinite, stop);
            return RunResult.Completed();
        }));
        harness.Server.AddTask("run_1");
        await harness.Server.Until(() => harness.Server.PendingHeartbeats == 1);

        harness.Server.AddTask("run_2");
        await harness.Server.Until(() => started == 2);
        await Eventually.Holds(() => Task.FromResult(
            harness.Server.Heartbeats.Last() is { } body && body["runs"]!.AsArray().Count == 2 && (int)body["wait_seconds"]! == 20));

        Assert.Contains(harness.Server.Heartbeats, body => body["runs"]!.AsArray().Count == 2 && (int)body["wait_seconds"]! == 0);
        harness.Server.Cancel(harness.Server.Find("run_1"));
        harness.Server.Cancel(harness.Server.Find("run_2"));
    }

    [Fact]
    public async Task The_token_that_a_heartbeat_returns_replaces_the_old_one()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed()));
        await harness.Server.Until(() => !harness.Server.Heartbeats.IsEmpty);
        harness.Server.NextToken = "vfw_second";
        var first = harness.Server.AddTask("run_1"); // causes a heartbeat
        await harness.Server.Until(() => first.HasEnded && harness.Server.NextToken is null);

        var second = harness.Server.AddTask("run_2");
        await harness.Server.Until(() => second.HasEnded);

        Assert.Single(harness.Server.Registrations);
    }

    [Fact]
    public async Task A_worker_whose_token_is_not_valid_any_more_registers_again()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed()));
        await harness.Server.Until(() => !harness.Server.Claims.IsEmpty);

        harness.Server.Token = "vfw_other";
        var run = harness.Server.AddTask("run_1");
        await harness.Server.Until(() => run.HasEnded);
        var next = harness.Server.AddTask("run_2");
        await harness.Server.Until(() => next.HasEnded);

        Assert.Equal(2, harness.Server.Registrations.Count);
        Assert.DoesNotContain(harness.Log.GetSnapshot(), entry => entry.Message.Contains("vfw_", StringComparison.Ordinal));
    }

    private static Task<bool> FailHeartbeats(HttpContext http)
    {
        var isHeartbeat = http.Request.Path.Value!.EndsWith("/heartbeat", StringComparison.Ordinal);
        if (isHeartbeat)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }

        return Task.FromResult(isHeartbeat);
    }

    private async Task<RunResult> UntilStopped(RunContext run, CancellationToken stop)
    {
        _started.TrySetResult(run);
        await Task.Delay(Timeout.Infinite, stop);
        return RunResult.Completed();
    }
}
