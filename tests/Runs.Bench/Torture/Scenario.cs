namespace Runs.Bench.Torture;

/// <summary>What happens on the stage.</summary>
/// <param name="Name">As the command line calls it.</param>
/// <param name="What">For the verdict.</param>
/// <param name="Play">Load and faults, until every caller is served.</param>
internal sealed record Scenario(string Name, string What, Func<Rig, Task> Play)
{
    /// <summary>Settings of the servers that this scenario needs.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it fills the store's disk, which then has to be small.</summary>
    public bool FillsDisk { get; init; }

    /// <summary>Whether the broker has three nodes.</summary>
    public bool ClustersBroker { get; init; }

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("none", "load without faults", rig => rig.Endure(rig.Pick(20_000, 1_500), Long(rig), _ => [])),
        new("R1", "servers killed again and again", rig => rig.Endure(
            rig.Pick(5_000, 1_000), Seconds(rig.Pick(120, 45)), time => Repeated(rig.Pick(24, 7), 4, 1, FaultKind.KillApi, FaultKind.KillLifecycle))),
        new("R2", "the broker killed again and again", rig => rig.Endure(
            rig.Pick(5_000, 1_000), Seconds(rig.Pick(120, 45)), time => Repeated(rig.Pick(5, 2), 20, 2, FaultKind.KillBroker))),
        new("R3", "the store killed again and again", rig => rig.Endure(
            rig.Pick(5_000, 1_000), Seconds(rig.Pick(120, 45)), time => Repeated(rig.Pick(5, 2), 20, 4, FaultKind.KillStore))),
        new("R4", "every fault, at random", rig => rig.Endure(
            rig.Pick(20_000, 1_500), Long(rig), time => Fault.AtRandom(rig.Options.Seed, time - Seconds(10), Kinds(rig)))),
        new("R5", "the broker frozen", rig => rig.Endure(
            rig.Pick(3_000, 800), Seconds(rig.Pick(100, 40)), time => Repeated(1, 0, rig.Pick(60, 15), FaultKind.FreezeBroker))),
        new("R8", "a lifecycle killed between insert and acknowledgement", rig => rig.Endure(
            rig.Pick(5_000, 1_200), Seconds(rig.Pick(180, 50)), time => Repeated(rig.Pick(30, 8), 5, 1, FaultKind.Redeliver))),
        new("R9", "every reply of the broker swallowed", rig => rig.Endure(
            rig.Pick(3_000, 800), Seconds(rig.Pick(100, 40)), time => Everywhere(rig.Pick(4, 1), 20, 10, FaultKind.DropReplies))),
        new("R11", "a cancel and a complete at the same moment", Race),
        new("R13", "messages that cannot be right", PoisonScenario.Play),
        new("R17", "a slow disk under the store", SlowDiskScenario.Play),
        new("R18", "a full disk under the store", FullDiskScenario.Play) { FillsDisk = true },
        new("R19", "servers asked to end at full load", DrainScenario.Play),
        new("R24", "a node of three of the broker stopped, killed, cut off from the others", rig => rig.Endure(
            rig.Pick(5_000, 1_000), Seconds(rig.Pick(300, 120)), time => Repeated(
                rig.Pick(9, 3), 30, 10, FaultKind.StopNode, FaultKind.KillNode, FaultKind.PartitionNode))) { ClustersBroker = true },
        new("R20", "five times as many callers as there are places", OverloadScenario.Play) { Settings = OverloadScenario.Settings },
        new("fair", "one tenant works while another takes all it can get", FairShareScenario.Play) { Settings = FairShareScenario.Settings },
    ];

    private static Task Race(Rig rig) => rig.Serve(rig.Load.Run(0, rig.Options.Creates ?? rig.Pick(10_000, 500), rig.Options.Callers, TimeSpan.Zero, async life =>
    {
        await life.Race();
        return null;
    }));

    private static TimeSpan Long(Rig rig) => rig.Pick(TimeSpan.FromMinutes(10), Seconds(60));

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static IReadOnlyList<Fault> Repeated(int count, int every, int lasting, params FaultKind[] kinds) =>
        Fault.Repeated(count, Seconds(5), Seconds(every), Seconds(lasting), kinds);

    private static IReadOnlyList<Fault> Everywhere(int count, int every, int lasting, FaultKind kind) =>
        [.. Repeated(count, every, lasting, kind).SelectMany(fault => (Fault[])[fault with { Target = 0 }, fault with { Target = 1 }])];

    // All but the one that needs a small disk, those that need several brokers, and the one that needs an image which may not be there.
    private static IReadOnlyList<FaultKind> Kinds(Rig rig)
    {
        if (rig.Options.Faults is { Count: > 0 } some)
        {
            return some;
        }

        if (SlowDisk.Image is null)
        {
            rig.Stage.Figures.Enqueue(("not done", $"slow-store: {SlowDisk.NoImage}"));
        }

        return [.. Enum.GetValues<FaultKind>().Where(kind => kind is not (FaultKind.FullStore or FaultKind.StopNode or FaultKind.KillNode or FaultKind.PartitionNode) && (kind != FaultKind.SlowStore || SlowDisk.Image is not null))];
    }
}
