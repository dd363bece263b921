using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Measurements.Execution;
using Runs.Benchmarks.Reporting;
using Runs.Benchmarks.Subjects;
using Runs.Benchmarks.Wire;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Tests;

/// <summary>Creates results about execution.</summary>
internal static class TestExecution
{
    private static readonly int[] Rounds = [1, 2];

    public static ExecutionResults Results()
    {
        var results = new ExecutionResults
        {
            ClaimCosts =
            [
                new WireCost(
                    BenchmarkSubject.RunsServer,
                    64,
                    new Dictionary<string, double> { ["publish (queue)"] = 1 },
                    new Dictionary<string, double> { ["find runs"] = 2, ["update runs"] = 1 },
                    AwaitedWriteNames: []),
            ],
            Pickups =
            [
                new PickupResult(BenchmarkSubject.RunsServer, [8, 10, 12]),
                new PickupResult(BenchmarkSubject.RunsServer, [8, 10, 90]),
                new PickupResult(BenchmarkSubject.RunsEmbedded, [1, 2, 3]),
            ],
            Contention = [.. Rounds.Select(round => new ContentionResult(2, CreateLoad(100).Load, 110 * round, 10 * round))],
            ClaimPools = [new ClaimPoolResult(10_000, LatencyHistogram.FromMilliseconds([1, 1, 1.5]))],
            Workers =
            [
                CreateWorkers(IdleWorkerBenchmark.Idle, 0),
                CreateWorkers(RenewalBenchmark.Name, RenewalBenchmark.RunsPerWorker),
            ],
            Schedules = [new ScheduleResult(10_000, CreateWindow(ScheduleResult.Look, 9), CreateWindow("insert runs", 900))],
        };
        foreach (var round in Rounds)
        {
            results.Claims.Add(CreateClaims(BenchmarkSubject.BaselineClaims, 1_000 * round));
            results.Claims.Add(CreateClaims(BenchmarkSubject.RunsServer, 950 * round));
            results.Claims.Add(CreateClaims(BenchmarkSubject.RunsEmbedded, 2_000 * round));
        }

        return results;
    }

    private static Sample CreateClaims(string subject, int perSecond) =>
        TestSamples.Create(new SampleKey(ClaimBenchmark.Operation, subject, ClaimBenchmark.ManyCallers), perSecond);

    private static WorkerLoadResult CreateWorkers(string name, int runsPerWorker) => new()
    {
        Name = name,
        Workers = 1_000,
        RunsPerWorker = runsPerWorker,
        Load = CreateLoad(50).Load,
        BytesAtStart = 200_000_000,
        Windows = [CreateWindow("find runs", 300), CreateWindow("find runs", 360)],
    };

    private static Sample CreateLoad(int perSecond) => TestSamples.Create(new SampleKey("load", "runs", 1), perSecond);

    private static ServerWindow CreateWindow(string command, long count) => new(
        new StoreTraffic(new Dictionary<string, long> { [command] = count }, Seconds: 10),
        Cores: 0.04,
        StoreCores: 0.02,
        Bytes: 230_000_000);
}
