using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Wire;

/// <summary>Counts it.</summary>
internal static class WireCostCounter
{
    private static readonly TimeSpan WriteDelay = TimeSpan.FromMilliseconds(200);

    public static async Task<List<WireCost>> Count(string name, ServiceEndpoints rig, CancellationToken cancellationToken)
    {
        await using var broker = new CountingProxy(rig.BrokerPort, fromClient => new AmqpFrameReader(fromClient));
        await using var store = new CountingProxy(rig.StorePort, fromClient => new MongoMessageReader(fromClient));
        await using var subject = await BenchmarkTarget.Start(name, new ServiceEndpoints(broker.Port, store.Port), cancellationToken, $"costs_{name}");
        await RunLoad(subject, 8, 2, cancellationToken); // what is only done once is done now

        var costs = new List<WireCost>();
        foreach (var callers in (int[])[1, 64])
        {
            var (brokerBefore, storeBefore) = (broker.Counts, store.Counts);
            var creates = (await RunLoad(subject, callers, 2, cancellationToken)).SucceededTotal;
            costs.Add(new WireCost(name, callers, PerCreate(broker.Counts, brokerBefore, creates), PerCreate(store.Counts, storeBefore, creates), []));
        }

        var awaited = new List<string>();
        foreach (var write in costs[0].StoreCommands.Keys.Where(MongoMessageReader.IsWrite))
        {
            store.DelayedMessage = (write, WriteDelay);
            var held = await RunLoad(subject, 1, 2, cancellationToken);
            store.DelayedMessage = default;
            await RunLoad(subject, 1, 0.5, cancellationToken);
            if (held.Percentile(0.5) >= WriteDelay.TotalMilliseconds)
            {
                awaited.Add(write);
            }
        }

        return [.. costs.Select(cost => cost with { AwaitedWriteNames = awaited })];
    }

    private static async Task<LoadResult> RunLoad(BenchmarkTarget subject, int callers, double seconds, CancellationToken cancellationToken)
    {
        var result = await LoadGenerator.Run(subject.CreatePlan, callers, TimeSpan.Zero, TimeSpan.FromSeconds(seconds), cancellationToken);
        await subject.Process.WaitUntilIdle(cancellationToken);
        return result;
    }

    // What happens once in a while whoever asks, such as looking for due timers, is below the last figure that is shown.
    private static Dictionary<string, double> PerCreate(Dictionary<string, long> now, Dictionary<string, long> before, long creates) => now
        .Select(count => (count.Key, PerCreate: (count.Value - before.GetValueOrDefault(count.Key)) / (double)creates))
        .Where(count => count.PerCreate > 0)
        .OrderByDescending(count => count.PerCreate)
        .ToDictionary(count => count.Key, count => count.PerCreate);
}
