using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;

namespace Runs.FaultInjection.Scenarios;

/// <summary>
/// R19: SIGTERM while all callers are busy. Calls in progress are answered, and the process exits in time.
/// </summary>
internal static class DrainScenario
{
    private static readonly TimeSpan MaxShutdownTime = TimeSpan.FromSeconds(30);

    public static async Task Execute(ScenarioContext context)
    {
        var creates = context.Options.Creates ?? context.FullOrShort(10_000, 2_000);
        var load = context.Workloads.Run(creates, context.Options.Callers, TimeSpan.Zero, workload => workload.Execute());
        var deployment = context.Experiment.Deployment;
        for (var round = 0; round < context.FullOrShort(4, 1); round++)
        {
            foreach (var server in (ProxiedServer[])[deployment.Apis[round % 2], deployment.Lifecycles[round % 2]])
            {
                await Task.Delay(TimeSpan.FromSeconds(3));
                await Drain(context.Experiment, server);
            }
        }

        await context.WaitForCallers(load);
    }

    private static async Task Drain(Experiment experiment, ProxiedServer server)
    {
        Experiment.WriteProgress($"SIGTERM {server.Name}");
        var start = Clock.ElapsedSeconds;
        var duration = await server.Terminate();
        var end = Clock.ElapsedSeconds;
        var calls = experiment.History.Calls.ToList();
        var inProgress = calls.Where(call => call.To == server.Name && call.Start < start && call.End > start).ToList();
        var answers = MetricFormat.CountByValue(inProgress.Select(call => call.Answer));
        experiment.AddMetric(
            $"SIGTERM {server.Name}",
            $"exited after {MetricFormat.Seconds(duration.TotalSeconds)}; {inProgress.Count} calls in progress: {answers}");
        if (duration > MaxShutdownTime)
        {
            experiment.Violations.Add(Invariants.ScenarioLimits, $"{server.Name} took {duration} to exit");
        }

        foreach (var call in inProgress.Where(call => call.Answer is "cut" or "late"))
        {
            experiment.Violations.Add(
                Invariants.ScenarioLimits,
                $"{call.Call} {call.Run} was in progress at {server.Name} at its SIGTERM at {start:0.000} and got no response: {call}");
        }

        // Meanwhile the callers use the other servers, and none of them waits for its deadline.
        foreach (var call in calls.Where(call => call.Start > start && call.End <= end && call.Answer is "503" or "504"))
        {
            experiment.CountResponse($"{call.Answer} while {server.Name} ended");
        }

        await server.Start();
        await server.WaitUntilReady(TimeSpan.FromMinutes(1));
    }
}
