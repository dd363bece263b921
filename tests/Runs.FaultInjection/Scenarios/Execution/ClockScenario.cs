using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X5: the clocks of the servers differ, and jump back and forth. A small difference costs no attempt; a large one
/// costs attempts, and never lets two write.
/// </summary>
internal static class ClockScenario
{
    private const int Workers = 3;
    private const int Slots = 4;
    private const int RunCount = 12;

    private static readonly TimeSpan JumpInterval = TimeSpan.FromSeconds(2);

    public static async Task Execute(ScenarioContext context)
    {
        // The short form has a third of the lease and of the small difference.
        var (small, lease) = context.FullOrShort((TimeSpan.FromSeconds(20), 60), (TimeSpan.FromSeconds(20.0 / 3), 20));
        await Execute(context, "small", small, lease, context.FullOrShort(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(20)));
        var duration = context.FullOrShort(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(10));
        await Execute(context, "large", TimeSpan.FromMinutes(5), lease, duration);
    }

    private static async Task Execute(ScenarioContext context, string name, TimeSpan difference, int leaseSeconds, TimeSpan duration)
    {
        var runs = new StepRuns(context, $"x5-{name}");
        context.Experiment.SetClockDifference(runs.IdPrefix, 2 * difference); // one clock is ahead, another one behind
        var workers = await Task.WhenAll(Enumerable.Range(1, Workers).Select(async number => new SteadyWorker(
            context,
            await HttpWorker.Register(context, $"x5-{name}-{number}", runs.Target, leaseSeconds),
            Slots,
            duration)));
        using var stopping = new CancellationTokenSource();
        var jumping = JumpRepeatedly(context, difference, stopping.Token);
        var working = Task.WhenAll(workers.Select(worker => worker.Run(stopping.Token)));
        await runs.Create(RunCount, backoffLimit: 100);
        await Task.Delay(duration);
        await stopping.CancelAsync();
        await jumping;
        await working;

        // Delays and leases that began with a clock that was ahead would end late with the right one.
        SetClocks(context, () => difference);
        await CompleteRest(context, runs, leaseSeconds);
        SetClocks(context, () => TimeSpan.Zero);
        Check(context.Experiment, name, difference, await runs.Read());
    }

    private static async Task JumpRepeatedly(ScenarioContext context, TimeSpan difference, CancellationToken stopping)
    {
        var random = new Random(context.Options.Seed);
        using var timer = new PeriodicTimer(JumpInterval);
        try
        {
            do
            {
                SetClocks(context, () => random.Next(2) == 0 ? difference : -difference);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The load is over.
        }
    }

    private static void SetClocks(ScenarioContext context, Func<TimeSpan> getDifference)
    {
        foreach (var server in context.Experiment.Deployment.Servers)
        {
            server.SetClock(getDifference());
        }
    }

    private static async Task CompleteRest(ScenarioContext context, StepRuns runs, int leaseSeconds)
    {
        var worker = await HttpWorker.Register(context, $"{runs.Target["task:".Length..]}-last", runs.Target, leaseSeconds);
        using var stopping = new CancellationTokenSource();
        var completing = new ExecutingWorker(context.Experiment, context.Http, worker, Slots).Run(stopping.Token);
        await runs.WaitUntilEnded(TimeSpan.FromSeconds(90));
        await stopping.CancelAsync();
        await completing;
    }

    private static void Check(Experiment experiment, string name, TimeSpan difference, IReadOnlyList<StoredRun> stored)
    {
        var outcomes = stored.SelectMany(run => run.Attempts).Select(attempt => attempt.Outcome ?? "current").ToList();
        experiment.AddMetric(
            $"X5: attempts with clocks {difference.TotalSeconds:0.0} s wrong, back and forth",
            MetricFormat.CountByValue(outcomes));
        if (name == "small" && outcomes.Contains("lost"))
        {
            experiment.Violations.Add(Invariants.ScenarioLimits, $"X5: attempts were lost with clocks {difference} wrong");
        }

        if (name == "large" && !outcomes.Contains("lost"))
        {
            experiment.Violations.Add(
                Invariants.ScenarioLimits,
                $"X5: no attempt was lost with clocks {difference} wrong: nothing was tested");
        }
    }
}
