using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Wire;

/// <summary>Counts the messages and commands that a create of a subject causes.</summary>
internal static class WireCostCounter
{
    private static readonly TimeSpan WriteDelay = TimeSpan.FromMilliseconds(200);

    public static async Task<List<WireCost>> Count(string name, ServiceEndpoints services, CancellationToken cancellationToken)
    {
        await using var broker = new CountingProxy(services.BrokerPort, fromClient => new AmqpFrameReader(fromClient));
        await using var store = new CountingProxy(services.StorePort, fromClient => new MongoMessageReader(fromClient));
        var subjectOptions = new SubjectOptions(name, new ServiceEndpoints(broker.Port, store.Port))
        {
            Database = $"costs_{name.Replace('-', '_')}",
        };
        await using var subject = await BenchmarkSubject.Start(subjectOptions, cancellationToken);
        await RunLoad(subject, callers: 8, seconds: 2, cancellationToken); // commands that are sent only once are sent now

        var costs = new List<WireCost>();
        foreach (var callers in (int[])[1, 64])
        {
            var (brokerBefore, storeBefore) = (broker.Counts, store.Counts);
            var creates = (await RunLoad(subject, callers, seconds: 2, cancellationToken)).SucceededTotal;
            costs.Add(new WireCost(
                name,
                callers,
                PerRequest(broker.Counts, brokerBefore, creates),
                PerRequest(store.Counts, storeBefore, creates),
                AwaitedWriteNames: []));
        }

        var awaited = new List<string>();
        foreach (var write in costs[0].StoreCommands.Keys.Where(MongoMessageReader.IsWrite))
        {
            store.DelayedMessage = (write, WriteDelay);
            var delayed = await RunLoad(subject, callers: 1, seconds: 2, cancellationToken);
            store.DelayedMessage = default;
            await RunLoad(subject, callers: 1, seconds: 0.5, cancellationToken);
            if (delayed.Percentile(0.5) >= WriteDelay.TotalMilliseconds)
            {
                awaited.Add(write);
            }
        }

        return [.. costs.Select(cost => cost with { AwaitedWriteNames = awaited })];
    }

    private static async Task<LoadResult> RunLoad(
        BenchmarkSubject subject,
        int callers,
        double seconds,
        CancellationToken cancellationToken)
    {
        var window = TimeSpan.FromSeconds(seconds);
        var result = await LoadGenerator.Run(subject.CreatePlan, callers, TimeSpan.Zero, window, cancellationToken);
        await subject.Process.WaitUntilIdle(cancellationToken);
        return result;
    }

    /// <summary>
    /// The messages for each request, by name. Periodic work that does not depend on the load, such as polling for due
    /// timers, is below the precision of the report.
    /// </summary>
    public static Dictionary<string, double> PerRequest(
        Dictionary<string, long> now,
        Dictionary<string, long> before,
        long requests) => now
            .Select(count => (count.Key, PerRequest: (count.Value - before.GetValueOrDefault(count.Key)) / (double)requests))
            .Where(count => count.PerRequest > 0)
            .OrderByDescending(count => count.PerRequest)
            .ToDictionary(count => count.Key, count => count.PerRequest);
}
