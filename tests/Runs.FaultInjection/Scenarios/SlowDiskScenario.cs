using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// R17: every sync of the store is slow. Below capacity a create waits for the sync of its own write, and for one that is under way when it comes; half of the creates
/// take no longer than twice that.
/// </summary>
internal static class SlowDiskScenario
{
    // Below the capacity of two cores: with 48 callers a read, which syncs nothing, takes as long as a sync.
    private const int MaxCallers = 16;

    private static readonly (string Call, string What, int Syncs)[] LatencyLimits =
    [
        ("create now and then", "one caller, now and then", 1), // nothing else is under way
        ("create again", "one caller, one after another", 2), // the one before is being taken out of the outbox
        ("create", "all callers", 2),
    ];

    public static async Task Execute(ScenarioContext rig)
    {
        var (few, many) = rig.FullOrShort((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90)), (TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(18)));
        await CreateSequentially(rig, "create before", few, default);
        var fault = rig.FaultInjector.Inject(new Fault(default, (2 * few) + many, FaultKind.SlowStore, 0));
        await CreateSequentially(rig, "create now and then", few, pause: 4 * SlowDisk.SyncDelay);
        await CreateSequentially(rig, "create again", few, default);
        await rig.WaitForCallers(rig.Workloads.Run(0, rig.Options.Creates ?? rig.FullOrShort(2_000, 400), Math.Min(rig.Options.Callers, MaxCallers), many, life => life.Execute()));
        await fault;
        CheckLatencies(rig);
    }

    private static void CheckLatencies(ScenarioContext rig)
    {
        var calls = rig.Experiment.History.Calls.ToList();
        var slow = calls.Where(call => rig.FaultInjector.SlowStorePeriods.Any(time => call.Start > time.From && call.End < time.To)).ToList();
        RecordMedian(rig, "creates before", calls.Where(call => call.Call == "create before"));
        foreach (var (name, what, syncs) in LatencyLimits)
        {
            var (median, limit) = (RecordMedian(rig, $"creates on a slow disk, {what}", slow.Where(call => call.Call == name)), 2 * syncs * SlowDisk.SyncDelay);
            if (median > limit)
            {
                rig.Experiment.Violations.Add(Invariants.ScenarioLimits, $"{what}: half of the creates took longer than {limit.TotalMilliseconds} ms");
            }
        }

        foreach (var call in slow.Where(call => call.Answer is "503" or "504" or "late" or "cut"))
        {
            rig.Experiment.Violations.Add(Invariants.ScenarioLimits, $"below capacity: {call}");
        }
    }

    private static async Task CreateSequentially(ScenarioContext rig, string call, TimeSpan time, TimeSpan pause)
    {
        var from = Clock.ElapsedSeconds;
        for (var i = 0; Clock.ElapsedSeconds - from < time.TotalSeconds; i++)
        {
            var id = $"{rig.Experiment.RunIdPrefix}-{call.Replace(' ', '-')}-{i}";
            var body = $$"""{"kind":"task","public_id":"{{id}}","owner":{"kind":"project","id":"{{rig.Experiment.ProjectId}}"},"request":{"target":"task:slow"} }""";
            var answer = await rig.Http.SendOnce(HttpMethod.Post, "/runs", body, call, id, 1);
            if (answer.Status == 202)
            {
                rig.Experiment.TrackRun(id, null).RecordCreated(!answer.Body.GetProperty("duplicate").GetBoolean());
            }

            await Task.Delay(pause);
        }
    }

    private static TimeSpan RecordMedian(ScenarioContext rig, string what, IEnumerable<CallRecord> calls)
    {
        var times = calls.Where(call => call is { Answer: "202", Changed: true }).Select(call => call.End - call.Start).Order().ToList();
        rig.Experiment.Metrics.Enqueue(
            (what, $"{times.Count}, fastest {MetricFormat.Percentile(times, 0)}, p50 {MetricFormat.Percentile(times, 0.5)}, p99 {MetricFormat.Percentile(times, 0.99)}"));
        return TimeSpan.FromSeconds(times.ElementAtOrDefault((times.Count - 1) / 2));
    }
}
