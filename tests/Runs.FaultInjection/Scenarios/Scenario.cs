using Runs.FaultInjection.Faults;

namespace Runs.FaultInjection.Scenarios;

/// <summary>What happens on the stage.</summary>
/// <param name="Name">As the command line calls it.</param>
/// <param name="Description">For the verdict.</param>
/// <param name="Execute">Load and faults, until every caller is served.</param>
internal sealed record Scenario(string Name, string Description, Func<ScenarioContext, Task> Execute)
{
    /// <summary>Settings of the servers that this scenario needs.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it fills the store's disk, which then has to be small.</summary>
    public bool NeedsLimitedDisk { get; init; }

    /// <summary>Whether the broker has three nodes.</summary>
    public bool NeedsBrokerCluster { get; init; }

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("none", "load without faults", rig => rig.RunUnderFaults(rig.FullOrShort(20_000, 1_500), DefaultDuration(rig), _ => [])),
        new("R1", "servers killed again and again", rig => rig.RunUnderFaults(
            rig.FullOrShort(5_000, 1_000), Seconds(rig.FullOrShort(120, 45)), time => RepeatFault(rig.FullOrShort(24, 7), 4, 1, FaultKind.KillApi, FaultKind.KillLifecycle))),
        new("R2", "the broker killed again and again", rig => rig.RunUnderFaults(
            rig.FullOrShort(5_000, 1_000), Seconds(rig.FullOrShort(120, 45)), time => RepeatFault(rig.FullOrShort(5, 2), 20, 2, FaultKind.KillBroker))),
        new("R3", "the store killed again and again", rig => rig.RunUnderFaults(
            rig.FullOrShort(5_000, 1_000), Seconds(rig.FullOrShort(120, 45)), time => RepeatFault(rig.FullOrShort(5, 2), 20, 4, FaultKind.KillStore))),
        new("R4", "every fault, at random", rig => rig.RunUnderFaults(
            rig.FullOrShort(20_000, 1_500), DefaultDuration(rig), time => Fault.CreateRandomSchedule(rig.Options.Seed, time - Seconds(10), SelectFaultKinds(rig)))),
        new("R5", "the broker frozen", rig => rig.RunUnderFaults(
            rig.FullOrShort(3_000, 800), Seconds(rig.FullOrShort(100, 40)), time => RepeatFault(1, 0, rig.FullOrShort(60, 15), FaultKind.FreezeBroker))),
        new("R8", "a lifecycle killed between insert and acknowledgement", rig => rig.RunUnderFaults(
            rig.FullOrShort(5_000, 1_200), Seconds(rig.FullOrShort(180, 50)), time => RepeatFault(rig.FullOrShort(30, 8), 5, 1, FaultKind.Redeliver))),
        new("R9", "every reply of the broker swallowed", rig => rig.RunUnderFaults(
            rig.FullOrShort(3_000, 800), Seconds(rig.FullOrShort(100, 40)), time => RepeatOnBothServers(rig.FullOrShort(4, 1), 20, 10, FaultKind.DropReplies))),
        new("R11", "a cancel and a complete at the same moment", ExecuteRaces),
        new("R13", "messages that cannot be right", PoisonScenario.Execute),
        new("R17", "a slow disk under the store", SlowDiskScenario.Execute),
        new("R18", "a full disk under the store", FullDiskScenario.Execute) { NeedsLimitedDisk = true },
        new("R19", "servers asked to end at full load", DrainScenario.Execute),
        new("R24", "a node of three of the broker stopped, killed, cut off from the others", rig => rig.RunUnderFaults(
            rig.FullOrShort(5_000, 1_000), Seconds(rig.FullOrShort(300, 120)), time => RepeatFault(
                rig.FullOrShort(9, 3), 30, 10, FaultKind.StopNode, FaultKind.KillNode, FaultKind.PartitionNode))) { NeedsBrokerCluster = true },
        new("R20", "five times as many callers as there are places", OverloadScenario.Execute) { Settings = OverloadScenario.Settings },
        new("fair", "one tenant works while another takes all it can get", FairShareScenario.Execute) { Settings = FairShareScenario.Settings },
    ];

    private static Task ExecuteRaces(ScenarioContext rig) => rig.WaitForCallers(rig.Workloads.Run(0, rig.Options.Creates ?? rig.FullOrShort(10_000, 500), rig.Options.Callers, TimeSpan.Zero, async life =>
    {
        await life.ExecuteFinishRace();
        return null;
    }));

    private static TimeSpan DefaultDuration(ScenarioContext rig) => rig.FullOrShort(TimeSpan.FromMinutes(10), Seconds(60));

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static IReadOnlyList<Fault> RepeatFault(int count, int every, int lasting, params FaultKind[] kinds) =>
        Fault.CreateRepeatedSchedule(count, Seconds(5), Seconds(every), Seconds(lasting), kinds);

    private static IReadOnlyList<Fault> RepeatOnBothServers(int count, int every, int lasting, FaultKind kind) =>
        [.. RepeatFault(count, every, lasting, kind).SelectMany(fault => (Fault[])[fault with { Target = 0 }, fault with { Target = 1 }])];

    // All but the one that needs a small disk, those that need several brokers, and the one that needs an image which may not be there.
    private static IReadOnlyList<FaultKind> SelectFaultKinds(ScenarioContext rig)
    {
        if (rig.Options.Faults is { Count: > 0 } some)
        {
            return some;
        }

        if (SlowDisk.Image is null)
        {
            rig.Experiment.Metrics.Enqueue(("not done", $"slow-store: {SlowDisk.NoImageReason}"));
        }

        return [.. Enum.GetValues<FaultKind>().Where(kind => kind is not (FaultKind.FullStore or FaultKind.StopNode or FaultKind.KillNode or FaultKind.PartitionNode) && (kind != FaultKind.SlowStore || SlowDisk.Image is not null))];
    }
}
