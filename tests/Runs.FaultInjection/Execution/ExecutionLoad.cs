using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Storage;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Execution;

/// <summary>
/// Runs that workers of this process execute, and schedules, beside the other workloads of a scenario: the attempts
/// fail, are lost, released and suspended, as their plans and the faults want it.
/// </summary>
internal sealed class ExecutionLoad(ScenarioContext context)
{
    private const string Target = "task:execute";
    private const int Workers = 4;
    private const int SlotsPerWorker = 6;

    // One of this many runs is cancelled by its caller.
    private const int CancelledShare = 20;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromMinutes(3);

    private readonly Experiment _experiment = context.Experiment;

    /// <summary>Executes runs, spread evenly over a duration, until all have ended.</summary>
    public async Task Run(int count, TimeSpan duration)
    {
        using var stoppingWorkers = new CancellationTokenSource();
        using var stoppingSchedules = new CancellationTokenSource();
        var schedules = new ScheduleLoad(_experiment, context.Http, Target);
        var workers = await Task.WhenAll(Enumerable.Range(1, Workers).Select(StartWorker));
        await schedules.Create();
        var executing = Task.WhenAll(workers.Select(worker => worker.Run(stoppingWorkers.Token)));
        var manual = schedules.StartRunsByHand(stoppingSchedules.Token);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(number => ExecuteOne(number, duration * number / count)));
        }
        finally
        {
            await stoppingSchedules.CancelAsync();
            await manual;
            await schedules.Pause();
            await WaitForScheduledRuns();
            await stoppingWorkers.CancelAsync();
            await executing;
        }
    }

    private async Task<ExecutingWorker> StartWorker(int number)
    {
        // A short lease is lost soon, a longer one survives most faults.
        var leaseSeconds = number % 2 == 0 ? 6 : 20;
        var worker = await HttpWorker.Register(context, $"executor-{number}", Target, leaseSeconds);
        return new ExecutingWorker(_experiment, context.Http, worker, SlotsPerWorker);
    }

    private async Task ExecuteOne(int number, TimeSpan delay)
    {
        var random = RunWorkload.CreateRandom(_experiment.Options.Seed, -1 - number);
        var plan = ExecutionPlan.CreateRandom(random);
        int? cancelAfter = random.Next(CancelledShare) == 0 ? random.Next(1, 6) : null;
        var id = $"{_experiment.RunIdPrefix}-x{number}";
        await Task.Delay(delay);
        var run = new ExecutedRun(_experiment, context.Http, new RunReads(_experiment, context.Http), id);
        try
        {
            await run.Create(Target, plan);
            await run.Follow(cancelAfter);
        }
        catch (OperationCanceledException) when (_experiment.CallerCancellation.IsCancellationRequested)
        {
            _experiment.Violations.Add(Invariants.UnattendedRecovery, $"{id} was not executed in the end");
        }
    }

    private async Task WaitForScheduledRuns()
    {
        using var store = new RunStoreReader(_experiment.Deployment.StoreUrl, _experiment.ProjectId);
        var start = Clock.ElapsedSeconds;
        while (await store.CountUnfinished(Target) is > 0 and var count)
        {
            if (Clock.ElapsedSeconds - start > EndTimeout.TotalSeconds)
            {
                _experiment.Violations.Add(Invariants.UnattendedRecovery, $"{count} runs of {Target} were not executed in the end");
                return;
            }

            await Task.Delay(500);
        }
    }
}
