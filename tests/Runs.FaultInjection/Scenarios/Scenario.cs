using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Scenarios.Execution;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Scenarios;

/// <summary>A load and the faults that are injected meanwhile.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Description">The description in the report.</param>
/// <param name="Execute">Applies the load and the faults, until every caller is served.</param>
internal sealed record Scenario(string Name, string Description, Func<ScenarioContext, Task> Execute)
{
    /// <summary>Additional settings of the servers.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the scenario fills the disk of the store, which must be small then.</summary>
    public bool NeedsLimitedDisk { get; init; }

    /// <summary>Whether the broker has three nodes.</summary>
    public bool NeedsBrokerCluster { get; init; }

    /// <summary>The number of <c>api</c> processes.</summary>
    public int ApiCount { get; init; } = 2;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("none", "load without faults", ExecuteWithoutFaults),
        new("R1", "servers killed again and again", context => context.RunUnderFaults(
            context.FullOrShort(5_000, 1_000),
            Seconds(context.FullOrShort(120, 45)),
            _ => Repeat(context.FullOrShort(24, 7), every: 4, lasting: 1, FaultKind.KillApi, FaultKind.KillLifecycle))),
        new("R2", "the broker killed again and again", context => context.RunUnderFaults(
            context.FullOrShort(5_000, 1_000),
            Seconds(context.FullOrShort(120, 45)),
            _ => Repeat(context.FullOrShort(5, 2), every: 20, lasting: 2, FaultKind.KillBroker))),
        new("R3", "the store killed again and again", context => context.RunUnderFaults(
            context.FullOrShort(5_000, 1_000),
            Seconds(context.FullOrShort(120, 45)),
            _ => Repeat(context.FullOrShort(5, 2), every: 20, lasting: 4, FaultKind.KillStore))),
        new("R4", "every fault, at random", ExecuteRandomFaults),
        new("R5", "the broker frozen", context => context.RunUnderFaults(
            context.FullOrShort(3_000, 800),
            Seconds(context.FullOrShort(100, 40)),
            _ => Repeat(1, every: 0, lasting: context.FullOrShort(60, 15), FaultKind.FreezeBroker))),
        new("R8", "a lifecycle killed between insert and acknowledgement", context => context.RunUnderFaults(
            context.FullOrShort(5_000, 1_200),
            Seconds(context.FullOrShort(180, 50)),
            _ => Repeat(context.FullOrShort(30, 8), every: 5, lasting: 1, FaultKind.Redeliver))),
        new("R9", "every reply of the broker dropped", context => context.RunUnderFaults(
            context.FullOrShort(3_000, 800),
            Seconds(context.FullOrShort(100, 40)),
            _ => RepeatOnBothServers(context.FullOrShort(4, 1), every: 20, lasting: 10, FaultKind.DropReplies))),
        new("R11", "a cancel and a complete at the same moment", ExecuteFinishRaces),
        new("R13", "messages that are no valid commands", PoisonScenario.Execute),
        new("R17", "a slow disk under the store", SlowDiskScenario.Execute),
        new("R18", "a full disk under the store", FullDiskScenario.Execute) { NeedsLimitedDisk = true },
        new("R19", "servers asked to stop at full load", DrainScenario.Execute),
        new("R20", "five times as many callers as there are places", OverloadScenario.Execute)
        {
            Settings = OverloadScenario.Settings,
        },
        new("R24", "one of three nodes of the broker stopped, killed, partitioned", context => context.RunUnderFaults(
            context.FullOrShort(5_000, 1_000),
            Seconds(context.FullOrShort(300, 120)),
            _ => Repeat(
                context.FullOrShort(9, 3),
                every: 30,
                lasting: 10,
                FaultKind.StopNode,
                FaultKind.KillNode,
                FaultKind.PartitionNode)))
        {
            NeedsBrokerCluster = true,
        },
        new("fair", "one tenant works while another takes all it can get", FairShareScenario.Execute)
        {
            Settings = FairShareScenario.Settings,
        },
        .. ExecutionScenarios.All,
    ];

    public override string ToString() => Name;

    private static Task ExecuteWithoutFaults(ScenarioContext context) =>
        context.RunUnderFaults(context.FullOrShort(20_000, 1_500), DefaultDuration(context), _ => []);

    private static Task ExecuteRandomFaults(ScenarioContext context) => context.RunUnderFaults(
        context.FullOrShort(20_000, 800),
        DefaultDuration(context),
        duration => Fault.CreateRandomSchedule(context.Options.Seed, duration - Seconds(10), SelectFaultKinds(context)));

    private static Task ExecuteFinishRaces(ScenarioContext context)
    {
        var creates = context.Options.Creates ?? context.FullOrShort(10_000, 500);
        return context.WaitForCallers(
            context.Workloads.Run(creates, context.Options.Callers, TimeSpan.Zero, async workload =>
            {
                await workload.ExecuteFinishRace();
                return null;
            }));
    }

    private static TimeSpan DefaultDuration(ScenarioContext context) =>
        context.FullOrShort(TimeSpan.FromMinutes(10), Seconds(60));

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static IReadOnlyList<Fault> Repeat(int count, int every, int lasting, params FaultKind[] kinds) =>
        Fault.CreateRepeatedSchedule(count, Seconds(5), Seconds(every), Seconds(lasting), kinds);

    private static IReadOnlyList<Fault> RepeatOnBothServers(int count, int every, int lasting, FaultKind kind) =>
    [
        .. Repeat(count, every, lasting, kind)
            .SelectMany(fault => (Fault[])[fault with { Target = 0 }, fault with { Target = 1 }]),
    ];

    // All but those that need a small disk, several nodes of the broker, or an image that may not be available.
    private static IReadOnlyList<FaultKind> SelectFaultKinds(ScenarioContext context)
    {
        if (context.Options.Faults is { Count: > 0 } selected)
        {
            return selected;
        }

        List<FaultKind> excluded = [FaultKind.FullStore, FaultKind.StopNode, FaultKind.KillNode, FaultKind.PartitionNode];
        if (ContainerImages.Strace is null)
        {
            excluded.Add(FaultKind.SlowStore);
            context.Experiment.AddMetric("not done", $"slow-store: {SlowDisk.NoImageReason}");
        }

        return [.. Enum.GetValues<FaultKind>().Except(excluded)];
    }
}
