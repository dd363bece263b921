using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Measurements.Execution;
using Runs.Benchmarks.Reporting;
using Runs.Benchmarks.Statistics;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Comparison;

/// <summary>Lists the figures of the parts about execution that are not samples of a load.</summary>
internal static class ExecutionFigures
{
    public static IEnumerable<Figure> List(ExecutionResults results) =>
    [
        .. results.Pickups.GroupBy(result => result.Subject).Select(rounds => Create(
            $"{BenchmarkParts.Claims}: from a 202 until a claim has the run, {rounds.Key}: p50",
            "ms",
            isComparable: false,
            rounds.Select(round => round.Milliseconds.Median()))),
        Create(
            $"{BenchmarkParts.Claims}: rejected per claim, api processes",
            "ratio",
            isComparable: true,
            results.Contention.Select(result => result.RejectedPerClaim)),
        .. results.ClaimPools.GroupBy(result => result.ReadyRuns).SelectMany(rounds => ListLatencies(
            FormattableString.Invariant($"{BenchmarkParts.ClaimPools}: read of {rounds.Key} ready runs"),
            rounds.Select(round => round.Reads))),
        .. results.Workers.SelectMany(ListWorkers),
        .. ListSchedules(results.Schedules),
    ];

    private static IEnumerable<Figure> ListWorkers(WorkerLoadResult result)
    {
        var name = FormattableString.Invariant($"{BenchmarkParts.Workers}: {result.Workers} {result.Name}");
        var (windows, stores) = (result.Windows, result.Windows.Select(window => window.Store));
        yield return Create($"{name}: CPU", "cores", isComparable: false, windows.Select(window => window.Cores));
        yield return Create($"{name}: reads", "1/s", isComparable: true, stores.Select(store => store.ReadsPerSecond));
        yield return Create($"{name}: writes", "1/s", isComparable: true, stores.Select(store => store.WritesPerSecond));
        yield return Create($"{name}: memory", "MB", isComparable: true, [result.MegabytesMore]);
    }

    private static IEnumerable<Figure> ListSchedules(List<ScheduleResult> results)
    {
        var count = results.FirstOrDefault()?.Schedules ?? 0;
        var name = FormattableString.Invariant($"{BenchmarkParts.Schedules}: {count} due at once");
        var (stored, looks) = (results.Select(r => r.SecondsUntilStored), results.Select(r => r.IdleLooksPerSecond));
        yield return Create($"{name}: all runs stored", "s", isComparable: false, stored);
        yield return Create($"{name}: looks before", "1/s", isComparable: true, looks);
    }

    private static IEnumerable<Figure> ListLatencies(string name, IEnumerable<LatencyHistogram> rounds)
    {
        var all = rounds.ToList();
        yield return Create($"{name}: p50", "ms", isComparable: false, all.Select(round => round.Percentile(0.5)));
        yield return Create($"{name}: p99", "ms", isComparable: false, all.Select(round => round.Percentile(0.99)));
    }

    private static Figure Create(string name, string unit, bool isComparable, IEnumerable<double> samples) => new()
    {
        Name = name,
        Unit = unit,
        HigherIsBetter = false,
        IsComparable = isComparable,
        Samples = [.. samples],
    };
}
