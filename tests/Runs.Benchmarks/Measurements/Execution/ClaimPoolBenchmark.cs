using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Subjects;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>
/// Measures the read that finds ready runs, with the server's own store in this process: in pools of different sizes in
/// one database. Their runs are copies of one that was created over HTTP.
/// </summary>
internal sealed class ClaimPoolBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    /// <summary>The runs that a read returns: as for 32 claims that wait.</summary>
    public const int PageSize = 64;

    private const string Database = "claim_pools";
    private const int ReadsPerRound = 1_000;
    private const int BatchSize = 500;
    private const int Writers = 4;

    public async Task<List<ClaimPoolResult>> Measure(CancellationToken cancellationToken)
    {
        var template = await CreateTemplate(cancellationToken);
        var runs = environment.Services.GetDatabase(Database).GetCollection<BsonDocument>("runs");
        foreach (var size in options.ReadyRunCounts)
        {
            Progress.Write($"put {size} ready runs into the store");
            await Insert(runs, template, size, cancellationToken);
        }

        await using var services = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton(TimeProvider.System)
            .AddMongoRunStore(MongoConnectionString.Parse(environment.Services.StoreUrl(Database)))
            .BuildServiceProvider();
        var store = services.GetRequiredService<IRunStore>();
        var results = new List<ClaimPoolResult>();
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var size in options.ReadyRunCounts)
            {
                var reads = await Read(store, size, cancellationToken);
                if (round >= 0)
                {
                    results.Add(new ClaimPoolResult(size, reads));
                    var (p50, p99) = (reads.Percentile(0.5), reads.Percentile(0.99));
                    Progress.Write($"read of {size} ready runs: p50 {p50:0.00} ms, p99 {p99:0.00} ms");
                }
            }
        }

        return results;
    }

    private static async Task<LatencyHistogram> Read(IRunStore store, int size, CancellationToken cancellationToken)
    {
        var reads = new LatencyHistogram();
        while (reads.Count < ReadsPerRound)
        {
            var start = Stopwatch.GetTimestamp();
            var found = await store.ListClaimable(BenchmarkSubject.Tenant, GetPool(size), PageSize, cancellationToken);
            reads.Record(Stopwatch.GetElapsedTime(start));
            if (found.Count != PageSize)
            {
                throw new InvalidOperationException($"A read found {found.Count} of {size} ready runs.");
            }
        }

        return reads;
    }

    // The server creates the indexes and the run, and is then stopped.
    private async Task<BsonDocument> CreateTemplate(CancellationToken cancellationToken)
    {
        var services = await environment.CreateVirtualHost("claim-pools");
        await using var server = await BenchmarkSubject.Start(
            new SubjectOptions(BenchmarkSubject.RunsServer, services) { Database = Database }, cancellationToken);
        await server.Process.WaitUntilIdle(cancellationToken);
        return await services.GetDatabase(Database).GetCollection<BsonDocument>("runs")
            .Find(new BsonDocument("run_id", BenchmarkSubject.FormatRunId(0)))
            .SingleAsync(cancellationToken);
    }

    private static Task Insert(
        IMongoCollection<BsonDocument> runs, BsonDocument template, int size, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, size).Chunk(BatchSize),
            new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken },
            async (numbers, cancellation) => await runs.InsertManyAsync(
                numbers.Select(number => CreateCopy(template, size, number)),
                new InsertManyOptions { IsOrdered = false },
                cancellation));

    private static BsonDocument CreateCopy(BsonDocument template, int size, int number)
    {
        var run = template.DeepClone().AsBsonDocument;
        run["_id"] = new BsonBinaryData(Guid.CreateVersion7(), GuidRepresentation.Standard);
        run["run_id"] = run["root_run_id"] = FormattableString.Invariant($"run_ready_{size}_{number}");
        run["claim_rank"] = new BsonDateTime(template["claim_rank"].ToUniversalTime().AddSeconds(number));
        run["claim_pool"] = GetPool(size).Name;
        run.Remove("outbox");
        return run;
    }

    private static ClaimPool GetPool(int size) =>
        ClaimPools.ForTarget(BenchmarkSubject.ProjectId, FormattableString.Invariant($"task:one-of-{size}"));
}
