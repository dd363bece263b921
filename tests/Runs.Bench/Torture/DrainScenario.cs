namespace Runs.Bench.Torture;

/// <summary>R19: SIGTERM while all callers are at work. What is under way is answered, and the process ends in time.</summary>
internal static class DrainScenario
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task Play(Rig rig)
    {
        var load = rig.Load.Run(0, rig.Options.Creates ?? rig.Pick(10_000, 2_000), rig.Options.Callers, TimeSpan.Zero, life => life.Live());
        for (var round = 0; round < rig.Pick(4, 1); round++)
        {
            foreach (var server in (TorturedServer[])[rig.Stage.Deployment.Apis[round % 2], rig.Stage.Deployment.Lifecycles[round % 2]])
            {
                await Task.Delay(TimeSpan.FromSeconds(3));
                await Drain(rig, server);
            }
        }

        await rig.Serve(load);
    }

    private static async Task Drain(Rig rig, TorturedServer server)
    {
        var asked = Watch.Seconds;
        Stage.Say($"SIGTERM {server.Name}");
        var took = await server.Terminate();
        var (ended, calls) = (Watch.Seconds, rig.Stage.History.Calls.ToList());
        var underWay = calls.Where(call => call.To == server.Name && call.Start < asked && call.End > asked).ToList();
        rig.Stage.Figures.Enqueue(($"SIGTERM {server.Name}", $"ended after {took.TotalSeconds:0.0} s; {underWay.Count} calls under way: {Figures.Counts(underWay.Select(call => call.Answer))}"));
        if (took > Limit)
        {
            rig.Stage.Violations.Add(Promises.Scenario, $"{server.Name} took {took} to end");
        }

        foreach (var call in underWay.Where(call => call.Answer is "cut" or "late"))
        {
            rig.Stage.Violations.Add(Promises.Scenario, $"{call.Call} {call.Run} was under way at {server.Name} at its SIGTERM at {asked:0.000} and got no answer: {call}");
        }

        // The callers go on with the others, and none of them waits for its deadline.
        foreach (var call in calls.Where(call => call.End > asked && call.End <= ended && call.Answer is "503" or "504").Where(call => call.Start > asked))
        {
            rig.Stage.Count($"{call.Answer} while {server.Name} ended");
        }

        server.Start();
        await server.IsReady(TimeSpan.FromMinutes(1));
    }
}
