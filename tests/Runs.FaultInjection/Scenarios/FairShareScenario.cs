using System.Collections.Concurrent;
using Runs.Api.Authentication;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Reporting;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// One tenant works at a steady pace, first alone and then while another tenant floods creates, uploads slowly, opens
/// all its streams, reads snapshots and cancels a tree, all at once. The p99 of the first tenant may double; none of
/// its requests may be rejected.
/// </summary>
internal static class FairShareScenario
{
    private const int Callers = 4;
    private const int MaxLatencyFactor = 2;
    private const string FloodKey = "vf_flood_secret";

    private static readonly TimeSpan ThinkTime = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// What an operator sets whose tenants do not trust each other: rates that a few tenants together can use on this
    /// machine.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Api__CreatesPerSecond"] = "6",
        ["Api__CommandsPerSecond"] = "6",
        ["Api__AppendsPerSecond"] = "6",
        ["Api__ReadsPerSecond"] = "12",
        ["Api__MaxConcurrentStreams"] = "400",
        ["Lifecycle__MaxCascadedCancelsPerSecond"] = "30",

        // Otherwise four processes that recompile their hot code use most of two cores for minutes.
        ["DOTNET_TieredPGO"] = "0",
        ["Auth__ApiKeys__0__Prefix"] = "flood",
        ["Auth__ApiKeys__0__SecretSha256"] = ApiKey.ComputeHash("secret"),
        ["Auth__ApiKeys__0__Tenant"] = "flood",
    };

    public static async Task Execute(ScenarioContext context)
    {
        var seconds = context.FullOrShort(60, 20);
        await WarmUp(context);
        await using var flood = new NoisyTenant(context.Experiment, FloodKey, "tree");
        Experiment.WriteProgress("the flooding tenant creates its tree and its log");
        await flood.Prepare(children: context.FullOrShort(10_000, 300));
        var alone = await RunSteadyLoad(context, "alone", seconds);
        flood.StartLoad();
        await Task.Delay(TimeSpan.FromSeconds(3));
        var cancellation = CancelTreeLater(flood, TimeSpan.FromSeconds(seconds / 4.0));
        var beside = await RunSteadyLoad(context, "beside", seconds);
        await cancellation;
        await flood.StopLoad();
        ReportLatencies(context.Experiment, alone, beside);
        context.Experiment.AddMetric("what the flood was answered", flood.ResponseSummary);
        var memory = context.Experiment.Deployment.Servers.Select(server => server.ResidentMemory / 1_000_000);
        context.Experiment.AddMetric("memory MB of each server", string.Join(" ", memory));
    }

    // All code that both tenants use is compiled before anything is measured.
    private static async Task WarmUp(ScenarioContext context)
    {
        Experiment.WriteProgress("warming up");
        await using var flood = new NoisyTenant(context.Experiment, FloodKey, "warm");
        await flood.Prepare(children: 100);
        flood.StartLoad();
        await RunSteadyLoad(context, "warm", context.FullOrShort(60, 30));
        await flood.CancelTree();
    }

    private static async Task CancelTreeLater(NoisyTenant flood, TimeSpan delay)
    {
        await Task.Delay(delay);
        await flood.CancelTree();
    }

    // Each caller creates a run, appends to it, reads it and completes it, with a think time in between.
    private static async Task<SteadyLatencies> RunSteadyLoad(ScenarioContext context, string phase, int seconds)
    {
        Experiment.WriteProgress($"{Callers} callers of the other tenant work for {seconds} s: {phase}");
        var (start, latencies) = (Clock.ElapsedSeconds, new SteadyLatencies());
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; Clock.ElapsedSeconds - start < seconds; i++)
            {
                var id = $"fair-{context.Experiment.RunIdPrefix}-{phase}-{caller}-{i}";
                foreach (var call in CreateCalls(id))
                {
                    await SendAndRecord(context, phase, call, id, latencies);
                }
            }
        })));
        return latencies;
    }

    private static IEnumerable<HttpCall> CreateCalls(string id) =>
    [
        new("create", HttpMethod.Post, "/runs", NoisyTenant.CreateBody(id, "\"initial_status\":\"running\"")),
        new("append", HttpMethod.Post, $"/runs/{id}/events", """{"events":[{"type":"CUSTOM","value":1}]}"""),
        new("read", HttpMethod.Get, $"/runs/{id}"),
        new("complete", HttpMethod.Post, $"/runs/{id}/complete", """{"status":"completed"}"""),
    ];

    private static async Task SendAndRecord(
        ScenarioContext context,
        string phase,
        HttpCall call,
        string id,
        SteadyLatencies latencies)
    {
        var result = await context.Http.SendOnce(call with { Name = $"fair-{call.Name}" }, id);
        latencies.Record(call.Name, TimeSpan.FromSeconds(result.End - result.Start));
        if (result.Status is not (200 or 202))
        {
            context.Experiment.Violations.Add(
                Invariants.ScenarioLimits,
                $"{phase}: {call.Name} of {id} was answered {result.Status} {result.Code}");
        }

        await Task.Delay(ThinkTime);
    }

    private static void ReportLatencies(Experiment experiment, SteadyLatencies alone, SteadyLatencies beside)
    {
        foreach (var (call, latencies) in alone.ByCall.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            experiment.AddMetric(
                $"{call}: alone, and beside the flood",
                $"{FormatLatencies(latencies)}; {FormatLatencies(beside.ByCall[call])}");
        }

        var (before, after) = (alone.All.Percentile(0.99), beside.All.Percentile(0.99));
        experiment.AddMetric(
            "p99 of all: alone, beside the flood",
            $"{before:0.0} ms, {after:0.0} ms: {after / before:0.00} times");
        if (after > MaxLatencyFactor * before)
        {
            experiment.Violations.Add(
                Invariants.ScenarioLimits,
                $"the other tenant's p99 went from {before:0.0} to {after:0.0} ms");
        }
    }

    private static string FormatLatencies(LatencyHistogram latencies) =>
        $"{latencies.Count}, {MetricFormat.Percentiles(latencies)}";

    private sealed class SteadyLatencies
    {
        private readonly ConcurrentDictionary<string, LatencyHistogram> _byCall = new();

        public LatencyHistogram All { get; } = new();

        public IReadOnlyDictionary<string, LatencyHistogram> ByCall => _byCall;

        public void Record(string call, TimeSpan latency)
        {
            All.Record(latency);
            _byCall.GetOrAdd(call, _ => new()).Record(latency);
        }
    }
}
