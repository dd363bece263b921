using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>
/// Measures what workers without work cost: each has a poll for runs open at any time. A server without workers shows
/// what it does anyway.
/// </summary>
internal sealed class IdleWorkerBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    public const string NoWorkers = "no workers";
    public const string Idle = "idle workers";
    public const string IdleProcesses = "idle processes of one worker";

    // A poll ends up to 10 % early, at random: with this pace, polls begin at all times and follow each other at once.
    private const double PaceOfPolls = 0.9;

    private TimeSpan Window => options.PollDuration / 3;

    public async Task<List<WorkerLoadResult>> Measure(CancellationToken cancellationToken) =>
    [
        await MeasureIdle(NoWorkers, 0, cancellationToken),
        await MeasureIdle(IdleProcesses, 1, cancellationToken),
        await MeasureIdle(Idle, options.Workers, cancellationToken),
    ];

    private async Task<WorkerLoadResult> MeasureIdle(string name, int keys, CancellationToken cancellationToken)
    {
        await using var server = await ObservedServer.Start(environment, name.Replace(' ', '-'), cancellationToken);
        var workers = await BenchmarkWorker.RegisterMany(server.Subject, keys, cancellationToken);
        using (var client = server.Subject.CreateClient())
        {
            foreach (var worker in workers)
            {
                await worker.ClaimMany(client, 1, cancellationToken); // the code of claims is compiled; run 0 is taken
            }
        }

        await server.Subject.Process.WaitUntilIdle(cancellationToken);
        var bytesAtStart = server.Subject.Process.ResidentMemory;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var load = keys == 0 ? null : Poll(server, workers, stop.Token, cancellationToken);
        await Task.Delay(load is null ? TimeSpan.Zero : options.PollDuration, cancellationToken);
        var windows = await server.ObserveRounds(name, options.Rounds, Window, cancellationToken);
        await stop.CancelAsync();
        return new WorkerLoadResult
        {
            Name = name,
            Workers = keys == 0 ? 0 : options.Workers,
            RunsPerWorker = 0,
            Load = load is null ? null : await load,
            BytesAtStart = bytesAtStart,
            Windows = windows,
        };
    }

    private Task<LoadResult> Poll(
        ObservedServer server, List<BenchmarkWorker> workers, CancellationToken stop, CancellationToken cancellationToken)
    {
        var requests = workers.ConvertAll(worker => worker.ClaimRequest(
            BenchmarkWorker.LongLeaseSeconds, (int)options.PollDuration.TotalSeconds));
        var plan = new LoadPlan([server.Subject.Process.Port], requests[0], _ => 0, ExpectedStatus: 200)
        {
            CallerRequests = [.. Enumerable.Range(0, options.Workers).Select(number => requests[number % requests.Count])],
            Interval = PaceOfPolls * options.PollDuration,
            Stop = stop,
        };
        var longest = options.PollDuration + (options.Rounds * Window) + TimeSpan.FromMinutes(1);
        return LoadGenerator.Run(plan, options.Workers, TimeSpan.Zero, longest, cancellationToken);
    }
}
