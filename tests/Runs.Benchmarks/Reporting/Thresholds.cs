using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Reporting;

/// <summary>The performance goals of Runs.</summary>
internal static class Thresholds
{
    public static List<Threshold> Evaluate(BenchmarkResults results) =>
    [
        AtLeast("creates/s with 64 callers, of the floor", RateRatio(results, BenchmarkTarget.Baseline, 64), 1),
        AtLeast("creates/s with 256 callers, of the floor", RateRatio(results, BenchmarkTarget.Baseline, 256), 1),
        AtLeast("creates/s with 64 callers, of the textbook", RateRatio(results, BenchmarkTarget.MassTransitDefaults, 64), 3),
        AtLeast("creates/s with 256 callers, of the textbook", RateRatio(results, BenchmarkTarget.MassTransitDefaults, 256), 3),
        AtMost("p50 of one caller, of the floor", LatencyRatio(results, callers: 1, quantile: 0.5), 1.5),
        AtMost("p99 with 64 callers, of the floor", LatencyRatio(results, callers: 64, quantile: 0.99), 1.5),
        .. EvaluateCosts(results),
        AtLeast(
            "GET /runs/{id}/s with 64 callers, of Kestrel and one find",
            RateOf(results, OperationsBenchmark.GetRunLabel) / RateOf(results, OperationsBenchmark.BaselineGetRunLabel),
            0.8),
        AtMost("p50 of a list's first page in the largest store, of the smallest", ListPageRatio(results), 1.5),
        AtMost("peak memory with 256 callers, MB", PeakMemory(results, 256), 250),
        .. EvaluateOverload(results.Overload),
        AtLeast("runs found in the store, of those answered 202", StoredShare(results), 1),
    ];

    private static IEnumerable<Threshold> EvaluateCosts(BenchmarkResults results)
    {
        var cost = results.Costs.Find(cost => cost is { Target: BenchmarkTarget.RunsServer, Callers: 1 });
        yield return AtMost("store writes that a create waits for", cost?.AwaitedWrites ?? double.NaN, 1.005);
        yield return AtMost("broker messages of a create, its event included", cost?.PublishedMessages ?? double.NaN, 3.005);
    }

    private static IEnumerable<Threshold> EvaluateOverload(OverloadResult? overload)
    {
        var latencyRatio = overload is null
            ? double.NaN
            : overload.Overloaded.Percentile(0.99) / overload.Normal.Percentile(0.99);
        var retryAfterShare = overload is { Overloaded.Rejected: > 0 }
            ? (double)overload.Overloaded.RejectedWithRetryAfter / overload.Overloaded.Rejected
            : double.NaN;
        yield return AtMost("p99 of what is accepted under overload, of normal", latencyRatio, 2);
        yield return AtLeast("rejections with Retry-After, share", retryAfterShare, 1);
    }

    private static double RateRatio(BenchmarkResults results, string other, int callers) =>
        results.Ratio(BenchmarkTarget.RunsServer, other, callers, sample => sample.Load.PerSecond);

    private static double LatencyRatio(BenchmarkResults results, int callers, double quantile) => results.Ratio(
        BenchmarkTarget.RunsServer,
        BenchmarkTarget.Baseline,
        callers,
        sample => sample.Load.Percentile(quantile));

    private static double RateOf(BenchmarkResults results, string operation) =>
        results.Operations.Find(result => result.Description == operation && result.Callers == 64)?.PerSecond ?? double.NaN;

    private static double ListPageRatio(BenchmarkResults results) =>
        results.ListPages is [{ Page: var smallest }, .., { Page: var largest }]
            ? largest.Percentile(0.5) / smallest.Percentile(0.5)
            : double.NaN;

    private static double PeakMemory(BenchmarkResults results, int callers) =>
        results.SamplesFor(BenchmarkTarget.RunsServer, callers) is { Count: > 0 } samples
            ? samples.Max(sample => sample.PeakMemoryBytes / 1e6)
            : double.NaN;

    private static double StoredShare(BenchmarkResults results) =>
        results.AcceptedAndStored.TryGetValue(BenchmarkTarget.RunsServer, out var runs)
            ? (double)runs.Stored / runs.Accepted
            : double.NaN;

    private static Threshold AtLeast(string description, double measured, double limit) =>
        new(description, measured, limit, IsMinimum: true);

    private static Threshold AtMost(string description, double measured, double limit) =>
        new(description, measured, limit, IsMinimum: false);
}
