using System.Collections.Concurrent;
using Runs.Api.Authentication;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// One tenant works at a steady pace, first alone and then while another tenant floods creates, uploads slowly, opens all its streams, asks for snapshots and cancels a
/// tree, all at once. The first one's p99 may double; none of its requests may be rejected.
/// </summary>
internal static class FairShareScenario
{
    private const int Callers = 4;

    /// <summary>What an operator sets whose tenants do not trust each other: rates that a few tenants together can use on this machine.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Api__CreatesPerSecond"] = "6",
        ["Api__CommandsPerSecond"] = "6",
        ["Api__AppendsPerSecond"] = "6",
        ["Api__ReadsPerSecond"] = "12",
        ["Api__MaxConcurrentStreams"] = "400",
        ["Lifecycle__MaxCascadedCancelsPerSecond"] = "30",
        ["DOTNET_TieredPGO"] = "0", // or four processes that compile a third time what has become warm take most of two cores for minutes
        ["Auth__ApiKeys__0__Prefix"] = "flood",
        ["Auth__ApiKeys__0__SecretSha256"] = ApiKey.ComputeHash("secret"),
        ["Auth__ApiKeys__0__Tenant"] = "flood",
    };

    public static async Task Execute(ScenarioContext rig)
    {
        var seconds = rig.FullOrShort(60, 20);
        await WarmUp(rig);
        await using var flood = new NoisyTenant(rig.Experiment, "vf_flood_secret", "tree");
        Experiment.WriteProgress("the flooding tenant creates its tree and its log");
        await flood.Prepare(children: rig.FullOrShort(10_000, 300));
        var alone = await RunSteadyLoad(rig, "alone", seconds);
        flood.StartLoad();
        await Task.Delay(TimeSpan.FromSeconds(3));
        var half = Task.Delay(TimeSpan.FromSeconds(seconds / 4.0)).ContinueWith(_ => flood.CancelTree(), TaskScheduler.Default).Unwrap();
        var beside = await RunSteadyLoad(rig, "beside", seconds);
        await half;
        await flood.StopLoad();

        foreach (var (call, latencies) in alone.OrderBy(call => call.Key, StringComparer.Ordinal))
        {
            rig.Experiment.Metrics.Enqueue(($"{call}: alone, and beside the flood", $"{FormatLatencies(latencies)}; {FormatLatencies(beside[call])}"));
        }

        var (before, after) = (P99(alone), P99(beside));
        rig.Experiment.Metrics.Enqueue(("p99 of all: alone, beside the flood", $"{1000 * before:0.0} ms, {1000 * after:0.0} ms: {after / before:0.00} times"));
        rig.Experiment.Metrics.Enqueue(("what the flood was answered", flood.ResponseSummary));
        rig.Experiment.Metrics.Enqueue(("memory MB of each server", string.Join(" ", rig.Experiment.Deployment.Servers.Select(server => server.ResidentMemory / 1_000_000))));
        if (after > 2 * before)
        {
            rig.Experiment.Violations.Add(Invariants.ScenarioLimits, $"the other tenant's p99 went from {1000 * before:0.0} to {1000 * after:0.0} ms");
        }
    }

    // Everything that both tenants do is compiled before anything is measured.
    private static async Task WarmUp(ScenarioContext rig)
    {
        Experiment.WriteProgress("warming up");
        await using var flood = new NoisyTenant(rig.Experiment, "vf_flood_secret", "warm");
        await flood.Prepare(children: 100);
        flood.StartLoad();
        await RunSteadyLoad(rig, "warm", rig.FullOrShort(60, 30));
        await flood.CancelTree();
    }

    // Each caller creates a run, appends to it, reads it and ends it, and thinks in between.
    private static async Task<ConcurrentDictionary<string, ConcurrentQueue<double>>> RunSteadyLoad(ScenarioContext rig, string phase, int seconds)
    {
        Experiment.WriteProgress($"{Callers} callers of the other tenant work for {seconds} s: {phase}");
        var (from, latencies) = (Clock.ElapsedSeconds, new ConcurrentDictionary<string, ConcurrentQueue<double>>());
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; Clock.ElapsedSeconds - from < seconds; i++)
            {
                var id = $"fair-{rig.Experiment.RunIdPrefix}-{phase}-{caller}-{i}";
                await Ask("create", HttpMethod.Post, "/runs", NoisyTenant.CreateBody(id, "\"initial_status\":\"running\""), id);
                await Ask("append", HttpMethod.Post, $"/runs/{id}/events", """{"events":[{"type":"CUSTOM","value":1}]}""", id);
                await Ask("read", HttpMethod.Get, $"/runs/{id}", null, id);
                await Ask("complete", HttpMethod.Post, $"/runs/{id}/complete", """{"status":"completed"}""", id);
            }
        })));
        return latencies;

        async Task Ask(string call, HttpMethod method, string path, string? body, string id)
        {
            var answer = await rig.Http.SendOnce(method, path, body, $"fair-{call}", id, 1);
            latencies.GetOrAdd(call, _ => new()).Enqueue(answer.End - answer.Start);
            if (answer.Status is not (200 or 202))
            {
                rig.Experiment.Violations.Add(Invariants.ScenarioLimits, $"{phase}: {call} of {id} was answered {answer.Status} {answer.Code}");
            }

            await Task.Delay(400);
        }
    }

    private static double P99(ConcurrentDictionary<string, ConcurrentQueue<double>> latencies)
    {
        var sorted = latencies.Values.SelectMany(all => all).Order().ToList();
        return sorted[(int)(0.99 * (sorted.Count - 1))];
    }

    private static string FormatLatencies(ConcurrentQueue<double> latencies) =>
        $"{latencies.Count}, p50 {MetricFormat.Percentile(latencies, 0.5)}, p99 {MetricFormat.Percentile(latencies, 0.99)}";
}
