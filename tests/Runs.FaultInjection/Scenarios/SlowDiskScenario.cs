using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// R17: every sync of the store is slow. Below capacity, a create waits for the sync of its own write, and for one that
/// is in progress when it arrives; half of the creates take no longer than twice that.
/// </summary>
internal static class SlowDiskScenario
{
    // Below the capacity of two cores: with 48 callers a read, which syncs nothing, takes as long as a sync.
    private const int MaxCallers = 16;

    private const string CreateBefore = "create before";
    private const string CreateWithPause = "create now and then";
    private const string CreateAgain = "create again";

    private static readonly (string Call, string Label, int SyncCount)[] LatencyLimits =
    [
        (CreateWithPause, "one caller, now and then", 1), // nothing else is in progress
        (CreateAgain, "one caller, one after another", 2), // the run before is being removed from the outbox
        ("create", "all callers", 2),
    ];

    public static async Task Execute(ScenarioContext context)
    {
        var (few, many) = context.FullOrShort(
            (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90)),
            (TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(18)));
        await CreateSequentially(context, CreateBefore, few, pause: TimeSpan.Zero);
        var fault = context.FaultInjector.Inject(new Fault(TimeSpan.Zero, (2 * few) + many, FaultKind.SlowStore, Target: 0));
        await CreateSequentially(context, CreateWithPause, few, pause: 4 * SlowDisk.SyncDelay);
        await CreateSequentially(context, CreateAgain, few, pause: TimeSpan.Zero);
        var creates = context.Options.Creates ?? context.FullOrShort(2_000, 400);
        var callers = Math.Min(context.Options.Callers, MaxCallers);
        await context.WaitForCallers(context.Workloads.Run(creates, callers, many, workload => workload.Execute()));
        await fault;
        CheckLatencies(context.Experiment, context.FaultInjector.Store.SlowPeriods);
    }

    private static async Task CreateSequentially(ScenarioContext context, string name, TimeSpan duration, TimeSpan pause)
    {
        var start = Clock.ElapsedSeconds;
        for (var i = 0; Clock.ElapsedSeconds - start < duration.TotalSeconds; i++)
        {
            await context.CreateRun($"{name.Replace(' ', '-')}-{i}", "task:slow", name);
            await Task.Delay(pause);
        }
    }

    private static void CheckLatencies(Experiment experiment, IReadOnlyCollection<TimePeriod> slowPeriods)
    {
        var calls = experiment.History.Calls.ToList();
        var slow = calls.Where(call => slowPeriods.Any(period => period.Contains(call.Start, call.End))).ToList();
        RecordMedian(experiment, "creates before", calls.Where(call => call.Call == CreateBefore));
        foreach (var (name, label, syncCount) in LatencyLimits)
        {
            var median = RecordMedian(experiment, $"creates on a slow disk, {label}", slow.Where(call => call.Call == name));
            var limit = (2 * syncCount * SlowDisk.SyncDelay).TotalMilliseconds;
            if (median > limit)
            {
                experiment.Violations.Add(
                    Invariants.ScenarioLimits,
                    $"{label}: half of the creates took longer than {limit} ms");
            }
        }

        foreach (var call in slow.Where(call => call.Answer is "503" or "504" or "late" or "cut"))
        {
            experiment.Violations.Add(Invariants.ScenarioLimits, $"below capacity: {call}");
        }
    }

    /// <returns>The median in milliseconds; NaN if there are no creates.</returns>
    private static double RecordMedian(Experiment experiment, string label, IEnumerable<CallRecord> calls)
    {
        var created = calls.Where(call => call is { Answer: "202", Changed: true });
        var latencies = LatencyHistogram.FromSeconds(created.Select(call => call.Latency));
        var fastest = MetricFormat.Percentile(latencies, 0);
        experiment.AddMetric(label, $"{latencies.Count}, fastest {fastest}, {MetricFormat.Percentiles(latencies)}");
        return latencies.Percentile(0.5);
    }
}
