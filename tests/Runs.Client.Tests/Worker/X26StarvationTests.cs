using System.Diagnostics;

namespace Runs.Client.Tests;

/// <summary>
/// X26: a worker whose thread pool is exhausted renews no lease, and must stop itself before it ends.
/// </summary>
[Collection(nameof(X26StarvationTests))]
public sealed class X26StarvationTests
{
    [Fact]
    public async Task X26_a_starved_worker_stops_its_handler_before_the_lease_ends()
    {
        var stopped = new TaskCompletionSource<(StopReason Reason, TimeSpan Elapsed)>();
        using var release = new ManualResetEventSlim();
        await using var harness = await WorkerHarness.Start(worker => worker
            .Configure(options => options.Lease = TimeSpan.FromSeconds(5))
            .Handle<object>("task:test", (run, stop) => Task.Factory.StartNew(
                () =>
                {
                    var watch = Stopwatch.StartNew();
                    for (var i = 0; i < 2000; i++)
                    {
                        ThreadPool.UnsafeQueueUserWorkItem(_ => release.Wait(), null);
                    }

                    SpinWait.SpinUntil(() => stop.IsCancellationRequested, TimeSpan.FromSeconds(30));
                    stopped.SetResult((run.StopReason, watch.Elapsed));
                    release.Set();
                    return RunResult.Completed();
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
        harness.Server.AddTask();

        var (reason, elapsed) = await stopped.Task.WaitAsync(Eventually.Timeout);

        Assert.Equal(StopReason.LeaseLost, reason);
        Assert.True(elapsed < TimeSpan.FromSeconds(5), $"{elapsed}");
    }
}
