using MongoDB.Bson;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>
/// Measures workers that hold runs and renew their leases by heartbeats, at the pace of the usual lease: each worker
/// renews all of its leases after a third of their duration.
/// </summary>
internal sealed class RenewalBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    public const string Name = "workers that renew leases";
    public const int RunsPerWorker = 10;
    public const int HeartbeatsPerSecond = 50;

    private const int LeaseSeconds = 60;
    private const int Claimers = 16;
    private const int MaxClaimsPerWorker = 100;

    private static readonly TimeSpan MaxCreates = TimeSpan.FromMinutes(1);

    private TimeSpan Interval => TimeSpan.FromSeconds((double)options.Workers / HeartbeatsPerSecond);

    public async Task<WorkerLoadResult> Measure(CancellationToken cancellationToken)
    {
        const string database = "renewals";
        await using var server = await ObservedServer.Start(environment, database, cancellationToken);
        var workers = await BenchmarkWorker.RegisterMany(server.Subject, options.Workers, cancellationToken);
        var requests = await ClaimRuns(server.Subject, workers, cancellationToken);
        await server.Subject.Process.WaitUntilIdle(cancellationToken);
        var bytesAtStart = server.Subject.Process.ResidentMemory;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var plan = new LoadPlan([server.Subject.Process.Port], requests[0], _ => 0, ExpectedStatus: 200)
        {
            CallerRequests = requests,
            Interval = Interval,
            Stop = stop.Token,
        };
        var longest = ((options.Rounds + 1) * Interval) + TimeSpan.FromMinutes(1);
        var load = LoadGenerator.Run(plan, options.Workers, TimeSpan.Zero, longest, cancellationToken);
        await Task.Delay(Interval, cancellationToken); // each worker has sent its first heartbeat
        var windows = await server.ObserveRounds(Name, options.Rounds, Interval, cancellationToken);
        await stop.CancelAsync();
        await CheckLeases(database, cancellationToken);
        return new WorkerLoadResult
        {
            Name = Name,
            Workers = options.Workers,
            RunsPerWorker = RunsPerWorker,
            Load = await load,
            BytesAtStart = bytesAtStart,
            Windows = windows,
        };
    }

    // Run 0 is one of the runs.
    private static async Task<List<RequestTemplate>> ClaimRuns(
        BenchmarkSubject subject, List<BenchmarkWorker> workers, CancellationToken cancellationToken)
    {
        var plan = subject.CreatePlan with { MaxRequests = (workers.Count * RunsPerWorker) - 1 };
        await LoadGenerator.Run(plan, callers: 64, TimeSpan.Zero, MaxCreates, cancellationToken);
        using var client = subject.CreateClient();
        var requests = new RequestTemplate[workers.Count];
        await Parallel.ForAsync(
            0,
            workers.Count,
            new ParallelOptions { MaxDegreeOfParallelism = Claimers, CancellationToken = cancellationToken },
            async (number, cancellation) =>
            {
                var runs = await ClaimRuns(client, workers[number], cancellation);
                requests[number] = workers[number].HeartbeatRequest(runs, LeaseSeconds);
            });
        return [.. requests];
    }

    // A claim takes fewer runs than asked for while others wait.
    private static async Task<List<string>> ClaimRuns(
        HttpClient client, BenchmarkWorker worker, CancellationToken cancellationToken)
    {
        var runs = new List<string>();
        for (var claim = 0; runs.Count < RunsPerWorker; claim++)
        {
            if (claim == MaxClaimsPerWorker)
            {
                throw new InvalidOperationException($"Worker {worker.Id} got {runs.Count} of {RunsPerWorker} runs.");
            }

            runs.AddRange(await worker.ClaimMany(client, RunsPerWorker - runs.Count, cancellationToken));
        }

        return runs;
    }

    private async Task CheckLeases(string database, CancellationToken cancellationToken)
    {
        var now = new BsonDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var isHeld = new BsonDocument { ["attempt"] = 1, ["lease_expires_at"] = new BsonDocument("$gt", now) };
        var runs = environment.Services.GetDatabase(database).GetCollection<BsonDocument>("runs");
        var (held, count) = (await runs.CountDocumentsAsync(isHeld, options: null, cancellationToken), options.Workers * RunsPerWorker);
        if (held != count)
        {
            throw new InvalidOperationException($"The leases of {held} of {count} runs were renewed.");
        }
    }
}
