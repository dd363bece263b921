using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Scenarios;

/// <summary>R20: five times as many callers as the servers take at a time. Those beyond are told so at once, the others are served as usual, and memory stays.</summary>
internal static class OverloadScenario
{
    private const int MaxConcurrentCommandsPerApi = 64;

    // All callers are of one tenant, which may use all of the process here.
    public static IReadOnlyDictionary<string, string> Settings { get; } =
        new Dictionary<string, string> { ["Api__MaxConcurrentCommands"] = $"{MaxConcurrentCommandsPerApi}", ["Api__TenantShare"] = "1" };

    public static async Task Execute(ScenarioContext rig)
    {
        var (places, seconds) = (2 * MaxConcurrentCommandsPerApi, rig.FullOrShort(120, 20));
        await CreateConcurrently(rig, places / 2, rig.FullOrShort(30, 5), "warm"); // new processes are slow, and would make light of what comes
        var normal = await CreateConcurrently(rig, places / 2, rig.FullOrShort(15, 8), "calm");
        var before = ReadMemory(rig);
        var half = default(long[]);
        var load = CreateConcurrently(rig, 5 * places, seconds, "crowd");
        await Task.Delay(TimeSpan.FromSeconds(seconds / 2.0));
        half = ReadMemory(rig);
        var crowd = await load;
        var after = ReadMemory(rig);
        rig.Experiment.Metrics.Enqueue(($"{places / 2} callers for {places} places", normal));
        rig.Experiment.Metrics.Enqueue(($"{5 * places} callers for {places} places", crowd));
        rig.Experiment.Metrics.Enqueue(("503 in all, and those without Retry-After", $"{rig.Http.UnavailableCounts.All}, {rig.Http.UnavailableCounts.WithoutRetryAfter}"));
        rig.Experiment.Metrics.Enqueue(("memory MB of each server: before, half way, at the end", $"{FormatMemory(before)}; {FormatMemory(half)}; {FormatMemory(after)}"));
        if (after.Zip(half).Any(pair => pair.First > 1.5 * pair.Second))
        {
            rig.Experiment.Violations.Add(Invariants.ScenarioLimits, $"memory grew from {FormatMemory(half)} to {FormatMemory(after)} MB in the second half");
        }
    }

    private static async Task<string> CreateConcurrently(ScenarioContext rig, int callers, int seconds, string name)
    {
        var from = Clock.ElapsedSeconds;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = RunWorkload.CreateRandom(rig.Options.Seed, caller);
            for (var i = 0; Clock.ElapsedSeconds - from < seconds; i++)
            {
                var id = $"{rig.Experiment.RunIdPrefix}-{name}-{caller}-{i}";
                var body = $$"""{"kind":"task","public_id":"{{id}}","owner":{"kind":"project","id":"{{rig.Experiment.ProjectId}}"},"request":{"target":"task:crowd"} }""";
                var answer = await rig.Http.SendOnce(HttpMethod.Post, "/runs", body, name, id, 1);
                if (answer.Status == 202)
                {
                    rig.Experiment.TrackRun(id, null).RecordCreated(!answer.Body.GetProperty("duplicate").GetBoolean());
                }
                else if (answer.Status != 503)
                {
                    rig.Experiment.Violations.Add(Invariants.ScenarioLimits, $"{id} was answered {answer.Status} {answer.Code}");
                }
                else
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 400))); // less than it was told to wait
                }
            }
        })));
        var calls = rig.Experiment.History.Calls.Where(call => call.Call == name).ToList();
        var served = calls.Where(call => call.Answer == "202").Select(call => call.End - call.Start).ToList();
        return $"{served.Count / (Clock.ElapsedSeconds - from):0} creates/s, p50 {MetricFormat.Percentile(served, 0.5)}, p99 {MetricFormat.Percentile(served, 0.99)}; {MetricFormat.CountByValue(calls.Select(call => call.Answer))}";
    }

    private static long[] ReadMemory(ScenarioContext rig) => [.. rig.Experiment.Deployment.Servers.Select(server => server.ResidentMemory / 1_000_000)];

    private static string FormatMemory(long[] memory) => string.Join(" ", memory);
}
