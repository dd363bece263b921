using System.Collections.Concurrent;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X6: <c>kill -9</c> of an API process while hundreds of claims wait there and runs are created. A run whose claim got
/// no answer is released by the next heartbeats of its worker.
/// </summary>
internal static class PollKillScenario
{
    private const int Workers = 10;
    private const int LeaseSeconds = 60;
    private const int Server = 0;

    private static readonly TimeSpan ClaimWait = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan KillDelay = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan UnclaimedAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    public static async Task Execute(ScenarioContext context)
    {
        var (experiment, runs) = (context.Experiment, new StepRuns(context, "x6"));
        var count = context.FullOrShort(500, 150);
        var workers = await Task.WhenAll(Enumerable.Range(1, Workers).Select(async number =>
            new PollingWorker(await HttpWorker.Register(context, $"x6-{number}", runs.Target, LeaseSeconds))));
        using var stopping = new CancellationTokenSource();
        var polling = Task.WhenAll(workers.Select(worker => worker.Run(count / Workers, stopping.Token)));
        await Task.Delay(TimeSpan.FromSeconds(2)); // all claims wait at the server
        var creating = runs.Create(count);
        await Task.Delay(KillDelay); // claims are answered at this moment
        var killedAt = Clock.ElapsedSeconds;
        await context.FaultInjector.Inject(new Fault(TimeSpan.Zero, TimeSpan.FromSeconds(3), FaultKind.KillApi, Server));
        await creating;
        await runs.WaitUntilEnded(TimeSpan.FromSeconds(60));
        await stopping.CancelAsync();
        await polling;
        Check(experiment, runs, await runs.Read(), count, killedAt);
    }

    private static void Check(Experiment experiment, StepRuns runs, IReadOnlyList<StoredRun> stored, int polls, double killedAt)
    {
        runs.CheckCompleted(stored);
        var claims = experiment.History.Calls.Where(call => call.Call == ExecutionCalls.Claim).ToList();
        var cut = claims.Count(call => call.Answer == "cut" && call.Start < killedAt && call.End > killedAt);
        var answered = claims.Where(call => call.Run is not null).CountBy(call => call.Run!).ToDictionary();
        var longest = TimeSpan.Zero;
        var unanswered = 0;
        foreach (var run in stored)
        {
            // The last attempt is the one that completed the run: all before were not answered.
            if (answered.GetValueOrDefault(run.Id) != 1)
            {
                Report(experiment, $"{run.Id} was the answer to {answered.GetValueOrDefault(run.Id)} claims");
            }

            foreach (var attempt in run.Attempts.SkipLast(1))
            {
                unanswered++;
                var held = attempt.EndedAt!.Value - attempt.StartedAt;
                longest = held > longest ? held : longest;
                if (attempt.Outcome != "released" || held > UnclaimedAfter + HeartbeatInterval + Tolerance)
                {
                    Report(experiment, $"{run.Id}: attempt {attempt.Number} got no answer, and was {attempt.Outcome} after {held}");
                }
            }
        }

        if (cut == 0 || cut > polls)
        {
            Report(experiment, $"{cut} of {polls} claims were cut");
        }

        if (stored.Any(run => run.GetNumber("failed_attempts") > 0))
        {
            Report(experiment, "a run whose claim got no answer counts as failed");
        }

        experiment.AddMetric(
            "X6: claims cut, claimed without an answer, released after",
            $"{cut}, {unanswered}, {MetricFormat.Seconds(longest.TotalSeconds)}");
    }

    private static void Report(Experiment experiment, string description) =>
        experiment.Violations.Add(Invariants.ScenarioLimits, $"X6: {description}");

    /// <summary>A worker with many claims at a time, which completes each run at once.</summary>
    private sealed class PollingWorker(HttpWorker worker)
    {
        private readonly ConcurrentDictionary<ClaimedAttempt, bool> _held = new();

        public Task Run(int polls, CancellationToken stopping) => Task.WhenAll(
            Enumerable.Range(0, polls).Select(_ => Poll(stopping)).Append(SendHeartbeats(stopping)));

        private async Task Poll(CancellationToken stopping)
        {
            int? server = Server;
            for (var failures = 0; !stopping.IsCancellationRequested;)
            {
                var result = await worker.Claim(ClaimWait, server);
                if (result.Status != 200)
                {
                    (server, failures) = (null, failures + 1); // any server that is there
                    await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
                    continue;
                }

                foreach (var run in ExecutionCalls.ReadRuns(result.Body))
                {
                    await Complete(new ClaimedAttempt(run));
                }
            }
        }

        private async Task Complete(ClaimedAttempt attempt)
        {
            _held.TryAdd(attempt, true);
            await worker.Append(attempt, 1);
            await worker.Complete(attempt, "completed");
            _held.TryRemove(attempt, out _);
        }

        private async Task SendHeartbeats(CancellationToken stopping)
        {
            using var timer = new PeriodicTimer(HeartbeatInterval);
            try
            {
                while (await timer.WaitForNextTickAsync(stopping))
                {
                    await worker.SendHeartbeat([.. _held.Keys]);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // All runs are completed.
            }
        }
    }
}
