using System.Diagnostics;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Statistics;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>
/// Measures how soon an idle worker gets a new run: from the 202 of the create until the answer to the worker's open
/// poll.
/// </summary>
internal sealed class PickupBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private const int CreatesPerRound = 20;
    private const int WarmUpCreates = 5;

    // By then, the poll has looked for runs, and waits.
    private static readonly TimeSpan IdleBeforeCreate = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan MaxRound = TimeSpan.FromMinutes(2);

    private int _lastTarget; // each round has its own

    public async Task<List<PickupResult>> Measure(CancellationToken cancellationToken)
    {
        var results = new List<PickupResult>();
        foreach (var name in (string[])[BenchmarkSubject.RunsServer, BenchmarkSubject.RunsEmbedded])
        {
            var services = await environment.CreateVirtualHost($"pickup-{name}");
            await using var subject = await BenchmarkSubject.Start(
                new SubjectOptions(name, services) { Database = $"pickup_{name.Replace('-', '_')}" }, cancellationToken);
            await WarmUp.Run(subject, options, cancellationToken); // its runs are of another target
            await MeasureRound(subject, WarmUpCreates, cancellationToken);
            for (var round = 0; round < options.Rounds; round++)
            {
                var creates = options.Rounds > 1 ? CreatesPerRound : WarmUpCreates;
                var latencies = await MeasureRound(subject, creates, cancellationToken);
                results.Add(new PickupResult(name, latencies));
                var (p50, max) = (latencies.Median(), latencies.Max());
                Progress.Write($"{name}: claim {p50:0.0} ms after the 202, at most {max:0.0} ms");
            }
        }

        return results;
    }

    private Task<List<double>> MeasureRound(BenchmarkSubject subject, int creates, CancellationToken cancellationToken) =>
        TimeLimit.Run(
            MaxRound, $"The polls of {subject.Name}", timeout => Measure(subject, creates, timeout), cancellationToken);

    private async Task<List<double>> Measure(BenchmarkSubject subject, int creates, CancellationToken cancellationToken)
    {
        using var client = subject.CreateClient();
        var target = $"task:pick-up-{++_lastTarget}";
        var worker = await BenchmarkWorker.Register(client, "picker", target, cancellationToken);
        var claim = worker.ClaimRequest(BenchmarkWorker.LongLeaseSeconds, ClaimBenchmark.WaitSeconds).CreateRenderer();
        var create = CreateRequest(target).CreateRenderer();
        using var poll = await RawHttpConnection.Connect(subject.Process.Port, cancellationToken);
        using var caller = await RawHttpConnection.Connect(subject.Process.Port, cancellationToken);
        var latencies = new List<double>();
        for (var number = 0; number < creates; number++)
        {
            var claimed = SendClaim(poll, claim.Render(0), cancellationToken);
            await Task.Delay(IdleBeforeCreate, cancellationToken);
            var status = await caller.Send(create.Render(number), cancellationToken);
            var accepted = Stopwatch.GetTimestamp();
            if (status != 202)
            {
                throw new InvalidOperationException($"{subject.Name} answered a create with {status}.");
            }

            // The worker may get the run before the caller gets the response.
            latencies.Add(Stopwatch.GetElapsedTime(accepted, Math.Max(accepted, await claimed)).TotalMilliseconds);
        }

        return latencies;
    }

    private static async Task<long> SendClaim(
        RawHttpConnection connection, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var status = await connection.Send(request, cancellationToken);
        return status == 200 && connection.ResponseBytes >= ClaimBenchmark.MinClaimedBytes
            ? Stopwatch.GetTimestamp()
            : throw new InvalidOperationException($"A claim was answered with {status}, {connection.ResponseBytes} bytes.");
    }

    private static RequestTemplate CreateRequest(string target) => RequestTemplate.Post(
        "/runs",
        BenchmarkSubject.AuthorizationHeader,
        $$$"""{"kind":"task","public_id":"run_{{{target["task:".Length..]}}}-{{{RequestTemplate.NumberPlaceholder}}}","owner":"""
        + $$$"""{"kind":"project","id":"{{{BenchmarkSubject.ProjectId}}}"},"request":"""
        + $$$"""{"target":"{{{target}}}","config":"""
        + "{}}}");
}
