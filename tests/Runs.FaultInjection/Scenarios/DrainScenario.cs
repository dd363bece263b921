using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;

namespace Runs.FaultInjection.Scenarios;

/// <summary>R19: SIGTERM while all callers are at work. What is under way is answered, and the process ends in time.</summary>
internal static class DrainScenario
{
    private static readonly TimeSpan MaxShutdownTime = TimeSpan.FromSeconds(30);

    public static async Task Execute(ScenarioContext rig)
    {
        var load = rig.Workloads.Run(0, rig.Options.Creates ?? rig.FullOrShort(10_000, 2_000), rig.Options.Callers, TimeSpan.Zero, life => life.Execute());
        for (var round = 0; round < rig.FullOrShort(4, 1); round++)
        {
            foreach (var server in (ProxiedServer[])[rig.Experiment.Deployment.Apis[round % 2], rig.Experiment.Deployment.Lifecycles[round % 2]])
            {
                await Task.Delay(TimeSpan.FromSeconds(3));
                await Drain(rig, server);
            }
        }

        await rig.WaitForCallers(load);
    }

    private static async Task Drain(ScenarioContext rig, ProxiedServer server)
    {
        var asked = Clock.ElapsedSeconds;
        Experiment.WriteProgress($"SIGTERM {server.Name}");
        var took = await server.Terminate();
        var (ended, calls) = (Clock.ElapsedSeconds, rig.Experiment.History.Calls.ToList());
        var underWay = calls.Where(call => call.To == server.Name && call.Start < asked && call.End > asked).ToList();
        rig.Experiment.Metrics.Enqueue(($"SIGTERM {server.Name}", $"ended after {took.TotalSeconds:0.0} s; {underWay.Count} calls under way: {MetricFormat.CountByValue(underWay.Select(call => call.Answer))}"));
        if (took > MaxShutdownTime)
        {
            rig.Experiment.Violations.Add(Invariants.ScenarioLimits, $"{server.Name} took {took} to end");
        }

        foreach (var call in underWay.Where(call => call.Answer is "cut" or "late"))
        {
            rig.Experiment.Violations.Add(Invariants.ScenarioLimits, $"{call.Call} {call.Run} was under way at {server.Name} at its SIGTERM at {asked:0.000} and got no answer: {call}");
        }

        // The callers go on with the others, and none of them waits for its deadline.
        foreach (var call in calls.Where(call => call.End > asked && call.End <= ended && call.Answer is "503" or "504").Where(call => call.Start > asked))
        {
            rig.Experiment.CountResponse($"{call.Answer} while {server.Name} ended");
        }

        server.Start();
        await server.WaitUntilReady(TimeSpan.FromMinutes(1));
    }
}
