namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>The scenarios of workers that execute runs. Each has limits; all invariants are checked, too.</summary>
internal static class ExecutionScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("X1", "200 claims for 100 runs, at one api and at three", ClaimRaceScenario.Execute) { ApiCount = 3 },
        new("X2", "worker processes killed again and again", WorkerKillScenario.Execute),
        new("X3", "a worker process stopped until others have its runs", WorkerPauseScenario.Execute),
        new("X4", "a worker that names no attempt, silent until another one has its runs", PublishedClientScenario.Execute),
        new("X5", "servers with wrong clocks that jump", ClockScenario.Execute),
        new("X6", "an api killed while hundreds of claims wait", PollKillScenario.Execute),
        new("X10", "outcomes without an answer, repeated after the run has moved on", RepeatedOutcomeScenario.Execute),
        new("X15", "broker or store away while runs are held", OutageScenario.Execute),
        new("X27", "worker processes replaced one by one", RollingDeployScenario.Execute),
        new("X", "all of X1 to X27, one after the other", ExecuteAll) { ApiCount = 3 },
    ];

    private static async Task ExecuteAll(ScenarioContext context)
    {
        await ClaimRaceScenario.Execute(context);

        // They mostly wait for leases to end.
        await Task.WhenAll(
            WorkerPauseScenario.Execute(context),
            PublishedClientScenario.Execute(context),
            RepeatedOutcomeScenario.Execute(context));
        await WorkerKillScenario.Execute(context);
        await RollingDeployScenario.Execute(context);
        await PollKillScenario.Execute(context);
        await OutageScenario.Execute(context);
        await ClockScenario.Execute(context);
    }
}
