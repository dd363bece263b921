using System.Collections.Concurrent;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Storage;
using Runs.FaultInjection.WorkerProcesses;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X2: <c>kill -9</c> of worker processes, again and again. All runs are completed, an attempt is lost only with its
/// worker, and soon.
/// </summary>
internal static class WorkerKillScenario
{
    private const int Workers = 4;
    private const int Slots = 15;
    private const int LeaseSeconds = 5;
    private const int BackoffLimit = 5;

    private static readonly TimeSpan KillInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LeaseGrace = TimeSpan.FromSeconds(5); // Execution__LeaseGrace
    private static readonly TimeSpan TimerInterval = TimeSpan.FromSeconds(1); // Lifecycle__DueRunPollingInterval
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    public static async Task Execute(ScenarioContext context)
    {
        var runs = new StepRuns(context, "x2");
        var processes = new ConcurrentDictionary<int, WorkerProcess>(
            Enumerable.Range(1, Workers).ToDictionary(number => number, number => Start(context, runs, number, generation: 1)));
        var kills = new ConcurrentQueue<(string WorkerKey, DateTimeOffset Time)>();
        try
        {
            await Task.WhenAll(processes.Values.Select(process => process.WaitUntilRegistered()));
            using var stopping = new CancellationTokenSource();
            var killing = KillRepeatedly(context, runs, processes, kills, stopping.Token);
            await runs.Create(
                context.FullOrShort(2_000, 100),
                new StepConfig(Steps: 3, StepMilliseconds: 250),
                BackoffLimit,
                context.FullOrShort(TimeSpan.FromMinutes(4), TimeSpan.FromSeconds(14)));
            await stopping.CancelAsync();
            await killing;
            await runs.WaitUntilEnded(TimeSpan.FromMinutes(3));
        }
        finally
        {
            await Task.WhenAll(processes.Values.Select(process => process.DisposeAsync().AsTask()));
        }

        Check(context.Experiment, runs, await runs.Read(), [.. kills]);
    }

    private static WorkerProcess Start(ScenarioContext context, StepRuns runs, int number, int generation) =>
        WorkerProcess.Start(context.Experiment, $"x2-{number}", generation, runs.Target, Slots, LeaseSeconds);

    // A supervisor starts each process again at once.
    private static async Task KillRepeatedly(
        ScenarioContext context,
        StepRuns runs,
        ConcurrentDictionary<int, WorkerProcess> processes,
        ConcurrentQueue<(string WorkerKey, DateTimeOffset Time)> kills,
        CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(KillInterval);
        try
        {
            for (var count = 0; await timer.WaitForNextTickAsync(stopping); count++)
            {
                var number = (count % Workers) + 1;
                var process = processes[number];
                await process.Kill();
                kills.Enqueue((process.Key, TimeProvider.System.GetUtcNow()));
                await process.DisposeAsync();
                processes[number] = Start(context, runs, number, generation: 2 + (count / Workers));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The load is over.
        }
    }

    private static void Check(
        Experiment experiment,
        StepRuns runs,
        IReadOnlyList<StoredRun> stored,
        IReadOnlyList<(string WorkerKey, DateTimeOffset Time)> kills)
    {
        runs.CheckCompleted(stored);
        var (lost, delays) = (0, new List<double>());
        foreach (var run in stored)
        {
            foreach (var (index, attempt) in run.Attempts.Index().Where(entry => entry.Item.Outcome is "lost" or "failed"))
            {
                lost++;
                var kill = kills.LastOrDefault(kill => kill.WorkerKey == attempt.WorkerKey && kill.Time < attempt.EndedAt);
                var wasKilled = kill.WorkerKey is not null && kill.Time > attempt.StartedAt - Tolerance;
                if (attempt.Outcome == "failed" || !wasKilled)
                {
                    Report(
                        $"{run.Id}: attempt {attempt.Number} of {attempt.WorkerKey} is {attempt.Outcome}, and its worker was not killed");
                    continue;
                }

                // The kill comes after the claim, except while a claim is answered.
                var since = kill.Time > attempt.StartedAt ? kill.Time : attempt.StartedAt;
                if (attempt.EndedAt - since > TimeSpan.FromSeconds(LeaseSeconds) + LeaseGrace + Tolerance)
                {
                    Report($"{run.Id}: the worker of attempt {attempt.Number} was killed {attempt.EndedAt - since} before it was lost");
                }

                if (index + 1 < run.Attempts.Count)
                {
                    delays.Add((run.Attempts[index + 1].StartedAt - (attempt.RetryAt ?? attempt.EndedAt!.Value)).TotalSeconds);
                }
            }
        }

        experiment.AddMetric("X2: kills, lost attempts, largest failed_attempts", FormattableString.Invariant(
            $"{kills.Count}, {lost}, {stored.Max(run => run.GetNumber("failed_attempts"))}"));
        if (delays.Count > 0)
        {
            experiment.AddMetric("X2: from the end of the delay to the next attempt, longest", MetricFormat.Seconds(delays.Max()));
        }

        if (lost == 0)
        {
            Report("no attempt was lost: nothing was tested");
        }

        // A timer makes the run ready.
        foreach (var delay in delays.Where(delay => delay > (TimerInterval + Tolerance).TotalSeconds))
        {
            Report(FormattableString.Invariant($"an attempt began {delay:0.0} s after it could"));
        }

        void Report(string description) => experiment.Violations.Add(Invariants.ScenarioLimits, $"X2: {description}");
    }
}
