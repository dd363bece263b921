using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Reporting;

/// <summary>What Runs wants to be held against.</summary>
internal static class Thresholds
{
    public static List<Threshold> Evaluate(BenchmarkResults results)
    {
        var cost = results.Costs.Find(cost => cost is { Target: BenchmarkTarget.RunsServer, Callers: 1 });
        var overload = results.Overload;
        return
        [
            AtLeast("creates/s with 64 callers, of the floor", results.Ratio(BenchmarkTarget.RunsServer, BenchmarkTarget.Baseline, 64, Rate), 1),
            AtLeast("creates/s with 256 callers, of the floor", results.Ratio(BenchmarkTarget.RunsServer, BenchmarkTarget.Baseline, 256, Rate), 1),
            AtLeast("creates/s with 64 callers, of the textbook", results.Ratio(BenchmarkTarget.RunsServer, BenchmarkTarget.MassTransitDefaults, 64, Rate), 3),
            AtLeast("creates/s with 256 callers, of the textbook", results.Ratio(BenchmarkTarget.RunsServer, BenchmarkTarget.MassTransitDefaults, 256, Rate), 3),
            AtMost("p50 of one caller, of the floor", results.Ratio(BenchmarkTarget.RunsServer, BenchmarkTarget.Baseline, 1, sample => sample.Load.Percentile(0.5)), 1.5),
            AtMost("p99 with 64 callers, of the floor", results.Ratio(BenchmarkTarget.RunsServer, BenchmarkTarget.Baseline, 64, sample => sample.Load.Percentile(0.99)), 1.5),
            AtMost("store writes that a create waits for", cost?.AwaitedWrites ?? double.NaN, 1.005),
            AtMost("broker messages of a create, its event included", cost?.PublishedMessages ?? double.NaN, 3.005),
            AtLeast("GET /runs/{id}/s with 64 callers, of Kestrel and one find", Looks(OperationsBenchmark.GetRunLabel) / Looks(OperationsBenchmark.BaselineGetRunLabel), 0.8),
            AtMost("p50 of a list's first page in the largest store, of the smallest", results.ListPages is [{ Page: var few }, .., { Page: var many }] ? many.Percentile(0.5) / few.Percentile(0.5) : double.NaN, 1.5),
            AtMost("peak memory with 256 callers, MB", results.SamplesFor(BenchmarkTarget.RunsServer, 256) is { Count: > 0 } samples ? samples.Max(sample => sample.PeakMemoryBytes / 1e6) : double.NaN, 250),
            AtMost("p99 of what is accepted under overload, of normal", overload is null ? double.NaN : overload.Overloaded.Percentile(0.99) / overload.Normal.Percentile(0.99), 2),
            AtLeast("refusals that say when to ask again, share", overload is { Overloaded.Rejected: > 0 } ? (double)overload.Overloaded.RejectedWithRetryAfter / overload.Overloaded.Rejected : double.NaN, 1),
            AtLeast("runs found in the store, of those answered 202", results.AcceptedAndStored.TryGetValue(BenchmarkTarget.RunsServer, out var kept) ? (double)kept.Stored / kept.Answered : double.NaN, 1),
        ];

        double Looks(string what) => results.Operations.Find(operation => operation.Description == what && operation.Callers == 64)?.PerSecond ?? double.NaN;

        static double Rate(Sample sample) => sample.Load.PerSecond;
    }

    private static Threshold AtLeast(string what, double measured, double bound) => new(what, measured, bound, IsMinimum: true);

    private static Threshold AtMost(string what, double measured, double bound) => new(what, measured, bound, IsMinimum: false);
}
