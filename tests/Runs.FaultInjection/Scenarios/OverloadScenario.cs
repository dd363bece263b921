using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Workload;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// R20: five times as many callers as the servers accept at a time. The others are rejected at once, those that are
/// accepted are served as usual, and memory does not grow.
/// </summary>
internal static class OverloadScenario
{
    private const int MaxConcurrentCommandsPerApi = 64;
    private const int Permits = 2 * MaxConcurrentCommandsPerApi;
    private const double MaxMemoryGrowth = 1.5;

    // All callers are of one tenant, which can use all permits.
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Api__MaxConcurrentCommands"] = $"{MaxConcurrentCommandsPerApi}",
        ["Api__TenantShare"] = "1",
    };

    public static async Task Execute(ScenarioContext context)
    {
        var seconds = context.FullOrShort(120, 20);

        // New processes are slow, which would hide the effect of the overload.
        await CreateConcurrently(context, Permits / 2, context.FullOrShort(30, 5), "warm");
        var normal = await CreateConcurrently(context, Permits / 2, context.FullOrShort(15, 8), "normal");
        var memoryBefore = ReadMemory(context);
        var load = CreateConcurrently(context, 5 * Permits, seconds, "overload");
        await Task.Delay(TimeSpan.FromSeconds(seconds / 2.0));
        var memoryHalfWay = ReadMemory(context);
        var overloaded = await load;
        var memoryAfter = ReadMemory(context);

        var experiment = context.Experiment;
        var (all, withoutRetryAfter) = context.Http.UnavailableCounts;
        experiment.AddMetric($"{Permits / 2} callers for {Permits} permits", normal);
        experiment.AddMetric($"{5 * Permits} callers for {Permits} permits", overloaded);
        experiment.AddMetric("503 in all, and those without Retry-After", $"{all}, {withoutRetryAfter}");
        experiment.AddMetric(
            "memory MB of each server: before, half way, at the end",
            $"{FormatMemory(memoryBefore)}; {FormatMemory(memoryHalfWay)}; {FormatMemory(memoryAfter)}");
        if (memoryAfter.Zip(memoryHalfWay).Any(server => server.First > MaxMemoryGrowth * server.Second))
        {
            experiment.Violations.Add(
                Invariants.ScenarioLimits,
                $"memory grew from {FormatMemory(memoryHalfWay)} to {FormatMemory(memoryAfter)} MB in the second half");
        }
    }

    private static async Task<string> CreateConcurrently(ScenarioContext context, int callers, int seconds, string name)
    {
        var start = Clock.ElapsedSeconds;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = RunWorkload.CreateRandom(context.Options.Seed, caller);
            for (var i = 0; Clock.ElapsedSeconds - start < seconds; i++)
            {
                await Create(context, $"{name}-{caller}-{i}", name, random);
            }
        })));
        var calls = context.Experiment.History.Calls.Where(call => call.Call == name).ToList();
        var latencies = LatencyHistogram.FromSeconds(calls.Where(call => call.Answer == "202").Select(call => call.Latency));
        var perSecond = latencies.Count / (Clock.ElapsedSeconds - start);
        var answers = MetricFormat.CountByValue(calls.Select(call => call.Answer));
        return $"{perSecond:0} creates/s, {MetricFormat.Percentiles(latencies)}; {answers}";
    }

    private static async Task Create(ScenarioContext context, string id, string name, Random random)
    {
        var result = await context.CreateRun(id, "task:overload", name);
        if (result.Status == 503)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 400))); // less than Retry-After says
        }
        else if (result.Status != 202)
        {
            context.Experiment.Violations.Add(Invariants.ScenarioLimits, $"{id} was answered {result.Status} {result.Code}");
        }
    }

    private static long[] ReadMemory(ScenarioContext context) =>
        [.. context.Experiment.Deployment.Servers.Select(server => server.ResidentMemory / 1_000_000)];

    private static string FormatMemory(long[] memory) => string.Join(" ", memory);
}
