using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Measurements.Execution;
using Runs.Benchmarks.Statistics;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;
using static Runs.Benchmarks.Reporting.Goal;

namespace Runs.Benchmarks.Reporting;

/// <summary>The goals of the execution of runs by workers.</summary>
internal sealed class ExecutionGoals(BenchmarkOptions options, ExecutionResults results)
{
    private static readonly SampleKey ManyClaims =
        new(ClaimBenchmark.Operation, BenchmarkSubject.RunsServer, ClaimBenchmark.ManyCallers);

    private static readonly SampleKey SingleClaims = ManyClaims with { Callers = 1 };

    public IEnumerable<Goal> Evaluate() =>
    [
        .. EvaluateClaims(),
        .. EvaluateLatencies(),
        .. EvaluateWorkers(),
        .. EvaluateSchedules(),
    ];

    private IEnumerable<Goal> EvaluateClaims()
    {
        yield return AtLeast("claims/s of 64 workers", Median(ManyClaims, SampleMetrics.PerSecond), 700);
        yield return AtLeast(
            "claims/s of 64 workers, of the baseline",
            results.Claims.Ratios(ManyClaims, ExecutionSection.GetBaseline(ManyClaims), SampleMetrics.PerSecond).Median(),
            0.9);
        yield return AtLeast(
            "claims/s of 64 workers, embedded",
            Median(ManyClaims with { Subject = BenchmarkSubject.RunsEmbedded }, SampleMetrics.PerSecond),
            3_000);
        yield return AtMost(
            "rejected claims per claim, 2 api processes",
            results.Contention.Select(result => result.RejectedPerClaim).Median(),
            0.1);
    }

    private IEnumerable<Goal> EvaluateLatencies()
    {
        yield return AtMost("p50 of a claim by one caller, ms", Median(SingleClaims, SampleMetrics.P50), 6);
        yield return AtMost("p99 of a claim by one caller, ms", Median(SingleClaims, SampleMetrics.P99), 20);
        yield return AtMost("p50 from a 202 until an idle worker has the run, ms", PickupPercentile(0.5), 15);
        yield return AtMost("p99 from a 202 until an idle worker has the run, ms", PickupPercentile(0.99), 100);
        foreach (var (size, limit) in ((int Size, double Limit)[])[(10_000, 2), (1_000_000, 3)])
        {
            var p99 = results.ClaimPools
                .Where(result => result.ReadyRuns == size)
                .Select(result => result.Reads.Percentile(0.99))
                .Median();
            yield return AtMost(
                FormattableString.Invariant($"p99 of the read of a pool with {size:N0} ready runs, ms"), p99, limit);
        }
    }

    private IEnumerable<Goal> EvaluateWorkers()
    {
        var idle = results.Workers.Find(result => result.Name == IdleWorkerBenchmark.Idle);
        var workers = FormattableString.Invariant($"{options.Workers:N0} idle workers");
        yield return AtMost($"CPU of {workers}, % of a core", 100 * Median(idle, window => window.Cores), 5);
        yield return AtMost($"memory of {workers}, MB", idle?.MegabytesMore ?? double.NaN, 40);
        yield return AtMost($"store reads/s of {workers}", Median(idle, window => window.Store.ReadsPerSecond), 40);
        yield return AtMost($"store writes/s of {workers}", Median(idle, window => window.Store.WritesPerSecond), 5);
        var renewing = results.Workers.Find(result => result.Name == RenewalBenchmark.Name);
        yield return AtMost(
            "store calls/s of 500 renewals/s", Median(renewing, window => window.Store.CallsPerSecond), 110);
        yield return AtMost("CPU of 500 renewals/s, % of a core", 100 * Median(renewing, window => window.Cores), 30);
    }

    private IEnumerable<Goal> EvaluateSchedules()
    {
        yield return AtMost(
            FormattableString.Invariant($"{options.Schedules:N0} schedules due at once, until all runs are stored, s"),
            results.Schedules.Select(result => result.SecondsUntilStored).Median(),
            15);
        yield return AtMost(
            "reads/s for due schedules when none is due",
            results.Schedules.Select(result => result.IdleLooksPerSecond).Median(),
            1);
    }

    private double Median(SampleKey key, Func<Sample, double> metric) => results.Claims.Median(key, metric);

    private static double Median(WorkerLoadResult? result, Func<ServerWindow, double> metric) =>
        result?.Median(metric) ?? double.NaN;

    // A round has too few creates for its own p99.
    private double PickupPercentile(double quantile) => LatencyHistogram
        .FromMilliseconds(results.Pickups
            .Where(result => result.Subject == BenchmarkSubject.RunsServer)
            .SelectMany(result => result.Milliseconds))
        .Percentile(quantile);
}
