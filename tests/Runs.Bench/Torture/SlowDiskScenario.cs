namespace Runs.Bench.Torture;

/// <summary>
/// R17: every sync of the store is slow. Below capacity a create waits for the sync of its own write, and for one that is under way when it comes; half of the creates
/// take no longer than twice that.
/// </summary>
internal static class SlowDiskScenario
{
    // Below the capacity of two cores: with 48 callers a read, which syncs nothing, takes as long as a sync.
    private const int MaxCallers = 16;

    private static readonly (string Call, string What, int Syncs)[] Measures =
    [
        ("create now and then", "one caller, now and then", 1), // nothing else is under way
        ("create again", "one caller, one after another", 2), // the one before is being taken out of the outbox
        ("create", "all callers", 2),
    ];

    public static async Task Play(Rig rig)
    {
        var (few, many) = rig.Pick((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90)), (TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(18)));
        await Create(rig, "create before", few, default);
        var fault = rig.Harm.Do(new Fault(default, (2 * few) + many, FaultKind.SlowStore, 0));
        await Create(rig, "create now and then", few, pause: 4 * SlowDisk.Delay);
        await Create(rig, "create again", few, default);
        await rig.Serve(rig.Load.Run(0, rig.Options.Creates ?? rig.Pick(2_000, 400), Math.Min(rig.Options.Callers, MaxCallers), many, life => life.Live()));
        await fault;
        Check(rig);
    }

    private static void Check(Rig rig)
    {
        var calls = rig.Stage.History.Calls.ToList();
        var slow = calls.Where(call => rig.Harm.Slowed.Any(time => call.Start > time.From && call.End < time.To)).ToList();
        Median(rig, "creates before", calls.Where(call => call.Call == "create before"));
        foreach (var (name, what, syncs) in Measures)
        {
            var (median, limit) = (Median(rig, $"creates on a slow disk, {what}", slow.Where(call => call.Call == name)), 2 * syncs * SlowDisk.Delay);
            if (median > limit)
            {
                rig.Stage.Violations.Add(Promises.Scenario, $"{what}: half of the creates took longer than {limit.TotalMilliseconds} ms");
            }
        }

        foreach (var call in slow.Where(call => call.Answer is "503" or "504" or "late" or "cut"))
        {
            rig.Stage.Violations.Add(Promises.Scenario, $"below capacity: {call}");
        }
    }

    private static async Task Create(Rig rig, string call, TimeSpan time, TimeSpan pause)
    {
        var from = Watch.Seconds;
        for (var i = 0; Watch.Seconds - from < time.TotalSeconds; i++)
        {
            var id = $"{rig.Stage.Name}-{call.Replace(' ', '-')}-{i}";
            var body = $$"""{"kind":"task","public_id":"{{id}}","owner":{"kind":"project","id":"{{rig.Stage.Project}}"},"request":{"target":"task:slow"} }""";
            var answer = await rig.Http.Once(HttpMethod.Post, "/runs", body, call, id, 1);
            if (answer.Status == 202)
            {
                rig.Stage.NewSubject(id, null).Created(!answer.Body.GetProperty("duplicate").GetBoolean());
            }

            await Task.Delay(pause);
        }
    }

    private static TimeSpan Median(Rig rig, string what, IEnumerable<CallRecord> calls)
    {
        var times = calls.Where(call => call is { Answer: "202", Changed: true }).Select(call => call.End - call.Start).Order().ToList();
        rig.Stage.Figures.Enqueue(
            (what, $"{times.Count}, fastest {Figures.Milliseconds(times, 0)}, p50 {Figures.Milliseconds(times, 0.5)}, p99 {Figures.Milliseconds(times, 0.99)}"));
        return TimeSpan.FromSeconds(times.ElementAtOrDefault((times.Count - 1) / 2));
    }
}
