using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.WorkerProcesses;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X27: all worker processes are replaced one by one, each with SIGTERM after its successor is registered. No attempt
/// fails or is lost.
/// </summary>
internal static class RollingDeployScenario
{
    private const int Slots = 3;
    private const int LeaseSeconds = 15;

    public static async Task Execute(ScenarioContext context)
    {
        var (experiment, runs) = (context.Experiment, new StepRuns(context, "x27"));
        var workers = Enumerable.Range(1, context.FullOrShort(20, 4))
            .Select(number => WorkerProcess.Start(experiment, $"x27-{number}", 1, runs.Target, Slots, LeaseSeconds))
            .ToList();
        try
        {
            await Task.WhenAll(workers.Select(worker => worker.WaitUntilRegistered()));
            var creating = runs.Create(
                context.FullOrShort(500, 80),
                new StepConfig(Steps: 5, StepMilliseconds: 200),
                duration: context.FullOrShort(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10)));
            var exits = new List<double>();
            for (var index = 0; index < workers.Count; index++)
            {
                var old = workers[index];
                workers[index] = WorkerProcess.Start(experiment, old.Key, 2, runs.Target, Slots, LeaseSeconds);
                await workers[index].WaitUntilRegistered();
                var start = Clock.ElapsedSeconds;
                await old.Terminate();
                exits.Add(Clock.ElapsedSeconds - start);
                await old.DisposeAsync();
            }

            experiment.AddMetric("X27: workers replaced, longest exit", $"{exits.Count}, {MetricFormat.Seconds(exits.Max())}");
            await creating;
            await runs.WaitUntilEnded(TimeSpan.FromMinutes(2));
        }
        finally
        {
            await Task.WhenAll(workers.Select(worker => worker.DisposeAsync().AsTask()));
        }

        var stored = await runs.Read();
        runs.CheckCompleted(stored);
        var outcomes = stored.SelectMany(run => run.Attempts).Select(attempt => attempt.Outcome ?? "current").ToList();
        experiment.AddMetric("X27: attempts", MetricFormat.CountByValue(outcomes));
        if (outcomes.Exists(outcome => outcome is "failed" or "lost") || stored.Any(run => run.GetNumber("failed_attempts") > 0))
        {
            experiment.Violations.Add(Invariants.ScenarioLimits, $"X27: attempts have failed: {MetricFormat.CountByValue(outcomes)}");
        }
    }
}
