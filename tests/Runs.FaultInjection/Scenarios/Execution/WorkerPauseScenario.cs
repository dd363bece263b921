using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.WorkerProcesses;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X3: a worker process is stopped (SIGSTOP) for two leases, and continues after another one has claimed its runs. Its
/// handlers ignore that they must stop. Nothing that they write is accepted.
/// </summary>
internal static class WorkerPauseScenario
{
    private const int LeaseSeconds = 5;
    private const double MaxStopSeconds = 1;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static async Task Execute(ScenarioContext context)
    {
        var (experiment, runs) = (context.Experiment, new StepRuns(context, "x3"));
        var count = context.FullOrShort(40, 4);
        await runs.Create(count, new StepConfig(Steps: 80, StepMilliseconds: 200), backoffLimit: 3);
        await using var paused = WorkerProcess.Start(experiment, "x3-1", 1, runs.Target, count, LeaseSeconds, ignoresStop: true);
        await WaitUntil(() => CountAttempts(paused, 1) == count, "the first worker has not claimed the runs");
        await paused.Suspend();
        var suspendedAt = Clock.ElapsedSeconds;
        await using var successor = WorkerProcess.Start(experiment, "x3-2", 1, runs.Target, count, LeaseSeconds);
        await WaitUntil(
            () => CountAttempts(successor, 2) == count && Clock.ElapsedSeconds - suspendedAt > 2 * LeaseSeconds,
            "the second worker has not claimed the runs");
        var resumedAt = Clock.ElapsedSeconds;
        await paused.Resume();
        await WaitUntil(
            () => runs.Ids.All(id => KnowsLoss(paused, id, resumedAt)),
            "no response says to the first worker that its attempts are lost");
        await WaitUntil(() => GetStops(paused, resumedAt).Count == count, "the handlers of the first worker were not stopped");
        await runs.WaitUntilEnded(Timeout);
        await successor.Terminate();
        Check(experiment, paused, resumedAt);
        var stored = await runs.Read();
        runs.CheckCompleted(stored);
        foreach (var run in stored.Where(run => run.GetNumber("attempt") != 2 || run.GetNumber("failed_attempts") != 1))
        {
            Report(experiment, $"{run.Id} has {run.GetNumber("attempt")} attempts, {run.GetNumber("failed_attempts")} of them failed");
        }
    }

    private static void Check(Experiment experiment, WorkerProcess paused, double resumedAt)
    {
        var late = paused.Records.Where(record => record.End > resumedAt && ExecutionCalls.Writes.Contains(record.Call)).ToList();
        foreach (var record in late.Where(record => record.Answer == "200" && record.EarliestEffect > resumedAt))
        {
            Report(experiment, $"a write of a lost attempt was accepted: {record}");
        }

        var stops = GetStops(paused, resumedAt);
        foreach (var stop in stops.Where(stop => stop.Start - resumedAt > MaxStopSeconds || stop.Code != "LeaseLost"))
        {
            Report(experiment, $"{stop.Run} was stopped {stop.Start - resumedAt:0.000} s after its process continued: {stop.Code}");
        }

        experiment.AddMetric("X3: until handlers were stopped, longest", MetricFormat.Seconds(stops.Max(stop => stop.Start) - resumedAt));
        experiment.AddMetric(
            "X3: writes after the loss, and their answers",
            MetricFormat.CountByValue(late.Select(record => record.Code ?? record.Answer)));
    }

    private static int CountAttempts(WorkerProcess worker, int attempt) =>
        worker.Records.Count(record => record.Call == ExecutionCalls.Append && record.Answer == "200" && record.RunAttempt == attempt
            && record.AppendedEvents is [var name, ..] && name.EndsWith("/0", StringComparison.Ordinal));

    private static bool KnowsLoss(WorkerProcess worker, string run, double since) => worker.Records.Any(record =>
        record.Run == run && record.End > since && record.Code is "ATTEMPT_LOST" or ExecutionCalls.Lost);

    private static List<CallRecord> GetStops(WorkerProcess worker, double since) =>
        [.. worker.Records.Where(record => record.Call == ExecutionCalls.Stopped && record.Start > since)];

    private static Task WaitUntil(Func<bool> condition, string failure) =>
        Poll.Until(() => Task.FromResult(condition()), Timeout, Interval, failure);

    private static void Report(Experiment experiment, string description) =>
        experiment.Violations.Add(Invariants.ScenarioLimits, $"X3: {description}");
}
