using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;
using Runs.Benchmarks.Wire;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>Counts the messages and commands that a claim causes.</summary>
internal sealed class ClaimCostCounter(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private static readonly int[] CallerCounts = [1, ClaimBenchmark.ManyCallers];

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    public async Task<List<WireCost>> Count(CancellationToken cancellationToken)
    {
        var costs = new List<WireCost>();
        foreach (var name in (string[])[BenchmarkSubject.BaselineClaims, BenchmarkSubject.RunsServer])
        {
            Progress.Write($"count what a claim of {name} costs");
            costs.AddRange(await Count(name, cancellationToken));
        }

        return costs;
    }

    private async Task<List<WireCost>> Count(string name, CancellationToken cancellationToken)
    {
        var services = await environment.CreateVirtualHost($"claim-costs-{name}");
        await using var broker = new CountingProxy(services.BrokerPort, fromClient => new AmqpFrameReader(fromClient));
        await using var store = new CountingProxy(services.StorePort, fromClient => new MongoMessageReader(fromClient));
        await using var subject = await BenchmarkSubject.Start(
            new SubjectOptions(name, new ServiceEndpoints(broker.Port, store.Port, services.VirtualHost))
            {
                Database = $"claim_costs_{name.Replace('-', '_')}",
            },
            cancellationToken);
        var workers = name == BenchmarkSubject.BaselineClaims
            ? [.. Enumerable.Repeat(BenchmarkWorker.OfBaseline, ClaimBenchmark.ManyCallers)]
            : await BenchmarkWorker.RegisterMany(subject, ClaimBenchmark.ManyCallers, cancellationToken);
        var plan = ClaimBenchmark.CreatePlan(workers, [subject.Process.Port]);
        var ready = new ReadyRuns(subject, [subject.Process]);
        var claims = new ClaimLoad([subject.Process], plan, ready);
        await claims.WarmUp(options.WarmUpDuration / 5, cancellationToken);
        var costs = new List<WireCost>();
        foreach (var callers in CallerCounts)
        {
            await ready.Fill(claims.EstimateClaims(callers, Window), cancellationToken);
            var (brokerBefore, storeBefore) = (broker.Counts, store.Counts);
            var limited = plan with { MaxRequests = ready.MaxClaims };
            var load = await LoadGenerator.Run(limited, callers, TimeSpan.Zero, Window, cancellationToken);
            ready.RecordClaims(load);
            await subject.Process.WaitUntilIdle(cancellationToken);
            costs.Add(new WireCost(
                name,
                callers,
                WireCostCounter.PerRequest(broker.Counts, brokerBefore, load.SucceededTotal),
                WireCostCounter.PerRequest(store.Counts, storeBefore, load.SucceededTotal),
                AwaitedWriteNames: []));
        }

        return costs;
    }
}
