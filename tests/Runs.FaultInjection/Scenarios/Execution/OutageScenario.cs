using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>
/// X15: the broker, then the store is away while workers hold 100 runs. Leases that are renewed in time afterwards are
/// kept.
/// </summary>
internal static class OutageScenario
{
    private const int Workers = 4;
    private const int RunsPerWorker = 25;

    private static readonly TimeSpan ClaimWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(2);

    public static async Task Execute(ScenarioContext context)
    {
        foreach (var (name, kind) in ((string, FaultKind)[])
            [("broker", FaultKind.KillBroker), ("frozen-broker", FaultKind.FreezeBroker), ("store", FaultKind.KillStore)])
        {
            // The short form has one fault of each.
            if (kind != FaultKind.FreezeBroker || !context.Options.IsShort)
            {
                await Execute(context, name, kind);
            }
        }
    }

    private static async Task Execute(ScenarioContext context, string name, FaultKind kind)
    {
        var outage = context.FullOrShort(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(8));

        // Long enough for an outage that begins just before a renewal, and for the start of what was away.
        var lease = (int)outage.TotalSeconds + context.FullOrShort(30, 22);
        var runs = new StepRuns(context, $"x15-{name}");
        await runs.Create(Workers * RunsPerWorker, backoffLimit: 3);
        var workers = await Task.WhenAll(Enumerable.Range(1, Workers).Select(number =>
            HttpWorker.Register(context, $"x15-{name}-{number}", runs.Target, lease)));
        var held = await Task.WhenAll(workers.Select(worker => ClaimAll(context, worker)));
        using var ended = new CancellationTokenSource();
        var heartbeats = Task.WhenAll(workers.Zip(held, (worker, attempts) => SendHeartbeats(worker, attempts, ended.Token)));
        var begin = Clock.ElapsedSeconds;
        await context.FaultInjector.Inject(new Fault(TimeSpan.Zero, outage, kind, 0));
        await WaitUntilRenewed(context, held, Clock.ElapsedSeconds);
        var end = Clock.ElapsedSeconds;
        await Task.Delay(TimeSpan.FromSeconds(context.FullOrShort(10, 3))); // for timers that fire after the outage
        await Task.WhenAll(workers.Zip(held).SelectMany(entry => entry.Second.Select(attempt => Complete(entry.First, attempt))));
        await ended.CancelAsync();
        await heartbeats;
        var stored = await runs.Read();
        runs.CheckCompleted(stored);
        var lost = stored.Sum(run => run.GetNumber("failed_attempts"));
        context.Experiment.AddMetric(
            $"X15: {name} away, leases renewed again, attempts lost",
            $"{MetricFormat.Seconds(outage.TotalSeconds)}, after {MetricFormat.Seconds(end - begin)}, {lost} of {stored.Count}");
        if (lost > 0)
        {
            context.Experiment.Violations.Add(
                Invariants.ScenarioLimits,
                $"X15: {lost} attempts were lost, with leases of {lease} s and {end - begin:0.0} s without a renewal");
        }
    }

    private static async Task<IReadOnlyList<ClaimedAttempt>> ClaimAll(ScenarioContext context, HttpWorker worker)
    {
        var attempts = new List<ClaimedAttempt>();
        for (var failures = 0; attempts.Count < RunsPerWorker;)
        {
            var result = await worker.Claim(ClaimWait);
            attempts.AddRange(ExecutionCalls.ReadRuns(result.Body).Select(run => new ClaimedAttempt(run)));
            if (result.Status != 200)
            {
                await context.Experiment.DelayBeforeRetry(++failures);
            }
        }

        return attempts;
    }

    private static async Task SendHeartbeats(HttpWorker worker, IReadOnlyList<ClaimedAttempt> attempts, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(HeartbeatInterval);
        try
        {
            do
            {
                await worker.SendHeartbeat(attempts);
            }
            while (await timer.WaitForNextTickAsync(ended));
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // All runs are completed.
        }
    }

    private static async Task WaitUntilRenewed(ScenarioContext context, IReadOnlyList<ClaimedAttempt>[] held, double since)
    {
        var ids = held.SelectMany(attempts => attempts).Select(attempt => attempt.RunId).ToHashSet();
        for (var renewed = 0; renewed < ids.Count;)
        {
            await Task.Delay(100, context.Experiment.CallerCancellation.Token);
            renewed = context.Experiment.History.Calls
                .Where(call => call.Call == ExecutionCalls.Renewal && call.Answer == "200" && call.End > since && ids.Contains(call.Run!))
                .Select(call => call.Run)
                .Distinct()
                .Count();
        }
    }

    private static async Task Complete(HttpWorker worker, ClaimedAttempt attempt)
    {
        await worker.Append(attempt, 1);
        await worker.Complete(attempt, "completed");
    }
}
