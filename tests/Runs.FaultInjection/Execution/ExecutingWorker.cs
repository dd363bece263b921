using System.Collections.Concurrent;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Execution;

/// <summary>
/// A worker in this process: claims with long polls while it has free slots, renews with heartbeats, and executes what
/// it claims.
/// </summary>
internal sealed class ExecutingWorker(Experiment experiment, RecordingHttpClient http, HttpWorker worker, int slots)
{
    private static readonly TimeSpan ClaimWait = TimeSpan.FromSeconds(4);

    private readonly AttemptExecution _execution = new(experiment, http, worker);
    private readonly ConcurrentDictionary<ClaimedAttempt, bool> _attempts = new();

    /// <summary>The attempts that the worker executes.</summary>
    public ICollection<ClaimedAttempt> Attempts => _attempts.Keys;

    /// <summary>Executes runs until it is stopped, and what it has claimed until then to its end.</summary>
    public async Task Run(CancellationToken stopping)
    {
        using var ended = new CancellationTokenSource();
        var heartbeats = SendHeartbeats(ended.Token);
        await Task.WhenAll(Enumerable.Range(0, slots).Select(_ => Task.Run(() => Execute(stopping), CancellationToken.None)));
        await ended.CancelAsync();
        await heartbeats;
    }

    private async Task Execute(CancellationToken stopping)
    {
        for (var failures = 0; !stopping.IsCancellationRequested;)
        {
            var result = await worker.Claim(ClaimWait);
            if (result.Status != 200)
            {
                await experiment.DelayBeforeRetry(++failures);
                continue;
            }

            failures = 0;
            foreach (var run in ExecutionCalls.ReadRuns(result.Body))
            {
                await Execute(new ClaimedAttempt(run));
            }
        }
    }

    private async Task Execute(ClaimedAttempt attempt)
    {
        _attempts.TryAdd(attempt, true);
        try
        {
            await _execution.Execute(attempt);
        }
        finally
        {
            _attempts.TryRemove(attempt, out _);
        }
    }

    private async Task SendHeartbeats(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(worker.LeaseSeconds / 5.0));
        try
        {
            do
            {
                // The run is claimed again while the worker still executes its lost attempt: the last one counts.
                var renewed = _attempts.Keys
                    .Where(attempt => attempt.IsRenewed)
                    .GroupBy(attempt => attempt.RunId)
                    .Select(same => same.MaxBy(attempt => attempt.Number)!);
                await worker.SendHeartbeat([.. renewed]);
            }
            while (await timer.WaitForNextTickAsync(ended));
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The last attempt has ended.
        }
    }
}
