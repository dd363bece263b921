using System.Collections.Concurrent;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Execution;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// A worker that appends to each run it holds at short intervals for the duration of the scenario, renews as a worker
/// should, and stops as soon as a call is rejected because its attempt is lost.
/// </summary>
internal sealed class SteadyWorker(ScenarioContext context, HttpWorker worker, int slots, TimeSpan duration)
{
    private static readonly TimeSpan ClaimWait = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StepInterval = TimeSpan.FromMilliseconds(400);

    private readonly ConcurrentDictionary<ClaimedAttempt, bool> _attempts = new();
    private readonly double _end = Clock.ElapsedSeconds + duration.TotalSeconds;

    public Task Run(CancellationToken stopping) => Task.WhenAll(
        Enumerable.Range(0, slots).Select(_ => Execute(stopping)).Append(Renew(stopping)));

    private async Task Execute(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var result = await worker.Claim(ClaimWait);
            if (result.Status != 200)
            {
                await context.Experiment.DelayBeforeRetry(1);
                continue;
            }

            foreach (var run in ExecutionCalls.ReadRuns(result.Body))
            {
                await Execute(new ClaimedAttempt(run));
            }
        }
    }

    private async Task Execute(ClaimedAttempt attempt)
    {
        _attempts.TryAdd(attempt, true);
        var isHeld = true;
        while (isHeld && Clock.ElapsedSeconds < _end)
        {
            isHeld = await worker.Append(attempt, 1) is { Status: 200 } && !attempt.Ended.IsCompleted;
            await Task.Delay(StepInterval);
        }

        if (isHeld)
        {
            await worker.Complete(attempt, "completed");
        }

        _attempts.TryRemove(attempt, out _);
    }

    // After a third of the lease, as a worker should: a clock that is wrong must not end the lease before.
    private async Task Renew(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(worker.LeaseSeconds / 3.0));
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                var latest = _attempts.Keys.GroupBy(attempt => attempt.RunId).Select(same => same.MaxBy(attempt => attempt.Number)!);
                await worker.SendHeartbeat([.. latest]);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The load is over.
        }
    }
}
