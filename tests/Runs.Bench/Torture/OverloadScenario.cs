namespace Runs.Bench.Torture;

/// <summary>R20: five times as many callers as the servers take at a time. Those beyond are told so at once, the others are served as usual, and memory stays.</summary>
internal static class OverloadScenario
{
    private const int PlacesPerApi = 64;

    // All callers are of one tenant, which may use all of the process here.
    public static IReadOnlyDictionary<string, string> Settings { get; } =
        new Dictionary<string, string> { ["Api__MaxConcurrentCommands"] = $"{PlacesPerApi}", ["Api__TenantShare"] = "1" };

    public static async Task Play(Rig rig)
    {
        var (places, seconds) = (2 * PlacesPerApi, rig.Pick(120, 20));
        await Create(rig, places / 2, rig.Pick(30, 5), "warm"); // new processes are slow, and would make light of what comes
        var normal = await Create(rig, places / 2, rig.Pick(15, 8), "calm");
        var before = Memory(rig);
        var half = default(long[]);
        var load = Create(rig, 5 * places, seconds, "crowd");
        await Task.Delay(TimeSpan.FromSeconds(seconds / 2.0));
        half = Memory(rig);
        var crowd = await load;
        var after = Memory(rig);
        rig.Stage.Figures.Enqueue(($"{places / 2} callers for {places} places", normal));
        rig.Stage.Figures.Enqueue(($"{5 * places} callers for {places} places", crowd));
        rig.Stage.Figures.Enqueue(("503 in all, and those without Retry-After", $"{rig.Http.Unavailable.All}, {rig.Http.Unavailable.WithoutRetryAfter}"));
        rig.Stage.Figures.Enqueue(("memory MB of each server: before, half way, at the end", $"{Text(before)}; {Text(half)}; {Text(after)}"));
        if (after.Zip(half).Any(pair => pair.First > 1.5 * pair.Second))
        {
            rig.Stage.Violations.Add(Promises.Scenario, $"memory grew from {Text(half)} to {Text(after)} MB in the second half");
        }
    }

    private static async Task<string> Create(Rig rig, int callers, int seconds, string name)
    {
        var from = Watch.Seconds;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = Life.RandomOf(rig.Options.Seed, caller);
            for (var i = 0; Watch.Seconds - from < seconds; i++)
            {
                var id = $"{rig.Stage.Name}-{name}-{caller}-{i}";
                var body = $$"""{"kind":"task","public_id":"{{id}}","owner":{"kind":"project","id":"{{rig.Stage.Project}}"},"request":{"target":"task:crowd"} }""";
                var answer = await rig.Http.Once(HttpMethod.Post, "/runs", body, name, id, 1);
                if (answer.Status == 202)
                {
                    rig.Stage.NewSubject(id, null).Created(!answer.Body.GetProperty("duplicate").GetBoolean());
                }
                else if (answer.Status != 503)
                {
                    rig.Stage.Violations.Add(Promises.Scenario, $"{id} was answered {answer.Status} {answer.Code}");
                }
                else
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 400))); // less than it was told to wait
                }
            }
        })));
        var calls = rig.Stage.History.Calls.Where(call => call.Call == name).ToList();
        var served = calls.Where(call => call.Answer == "202").Select(call => call.End - call.Start).ToList();
        return $"{served.Count / (Watch.Seconds - from):0} creates/s, p50 {Figures.Milliseconds(served, 0.5)}, p99 {Figures.Milliseconds(served, 0.99)}; {Figures.Counts(calls.Select(call => call.Answer))}";
    }

    private static long[] Memory(Rig rig) => [.. rig.Stage.Deployment.Servers.Select(server => server.Memory / 1_000_000)];

    private static string Text(long[] memory) => string.Join(" ", memory);
}
