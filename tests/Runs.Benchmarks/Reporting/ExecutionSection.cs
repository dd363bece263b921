using System.Globalization;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Measurements.Execution;
using Runs.Benchmarks.Statistics;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Reporting;

/// <summary>The section about the execution of runs by workers.</summary>
internal static class ExecutionSection
{
    public static string Format(ExecutionResults results)
    {
        string[] parts =
        [
            FormatClaims(results),
            FormatPickups(results.Pickups),
            FormatContention(results.Contention),
            FormatClaimPools(results.ClaimPools),
            FormatWorkers(results.Workers),
            FormatSchedules(results.Schedules),
        ];
        return parts.All(part => part.Length == 0) ? "" : $"""
            ## Execution

            {string.Join('\n', parts.Where(part => part.Length > 0))}
            """;
    }

    /// <summary>The claims of the hand-written server, which knows no workers.</summary>
    public static SampleKey GetBaseline(SampleKey key) =>
        key with { Subject = BenchmarkSubject.BaselineClaims, Operation = ClaimBenchmark.Operation };

    private static string FormatClaims(ExecutionResults results) => results.Claims.IsEmpty ? "" : $"""
        Claims of single runs, which hold each run for five minutes. The pool always has ready runs. Each caller is a
        worker with a key of its own, or a process of one worker. The baseline is Kestrel, a message to a quorum queue, one
        find of the run, one conditional replace, and a reply; its claims share the finds of ready runs. CPU is seconds of
        one core per 1,000 claims.

        {SampleTable.Create(results.Claims, "of the baseline", GetBaseline)}
        Counted on the wire, per claim:

        {WireCostsSection.CreateTable(results.ClaimCosts, withAwaitedWrites: false)}
        """;

    private static string FormatPickups(List<PickupResult> results)
    {
        if (results.Count == 0)
        {
            return "";
        }

        var table = new MarkdownTable(1, "", "creates", "p50 ms", "range", "p99 of all ms");
        foreach (var rounds in results.GroupBy(result => result.Subject))
        {
            var all = LatencyHistogram.FromMilliseconds(rounds.SelectMany(round => round.Milliseconds));
            table.AddRow([
                rounds.Key,
                FormatCount(all.Count),
                .. FormatMedianAndRange(rounds.Select(round => round.Milliseconds.Median())),
                NumberFormat.Format(all.Percentile(0.99)),
            ]);
        }

        return $"""
            From the 202 of a create until the open poll of an idle worker was answered with its run; one create at a
            time.

            {table}
            """;
    }

    private static string FormatContention(List<ContentionResult> results)
    {
        if (results is not [var first, ..])
        {
            return "";
        }

        var table = new MarkdownTable(
            0, "api processes", "claims/s", "range", "p99 ms", "rejected per claim", "range", "failed");
        table.AddRow([
            first.ApiProcesses.ToString(CultureInfo.InvariantCulture),
            .. FormatMedianAndRange(results.Select(result => result.Load.PerSecond)),
            NumberFormat.Format(results.Select(result => result.Load.Percentile(0.99)).Median()),
            .. FormatMedianAndRange(results.Select(result => result.RejectedPerClaim)),
            FormatCount(results.Sum(result => result.Load.Failed + result.Load.Rejected)),
        ]);
        return $"""
            Several API processes that claim from one pool, {ClaimBenchmark.ManyCallers} callers. Rejected: another
            process had claimed the run.

            {table}
            """;
    }

    private static string FormatClaimPools(List<ClaimPoolResult> results)
    {
        if (results.Count == 0)
        {
            return "";
        }

        var table = new MarkdownTable(0, "ready runs", "reads", "p50 ms", "range", "p99 ms", "range");
        foreach (var rounds in results.GroupBy(result => result.ReadyRuns))
        {
            table.AddRow([
                FormatCount(rounds.Key),
                FormatCount(rounds.Sum(round => round.Reads.Count)),
                .. FormatMedianAndRange(rounds.Select(round => round.Reads.Percentile(0.5))),
                .. FormatMedianAndRange(rounds.Select(round => round.Reads.Percentile(0.99))),
            ]);
        }

        return $"""
            The read that finds the next {ClaimPoolBenchmark.PageSize} ready runs of a pool, one at a time.

            {table}
            """;
    }

    private static string FormatWorkers(List<WorkerLoadResult> results)
    {
        if (results.Count == 0)
        {
            return "";
        }

        var table = new MarkdownTable(
            1,
            "", "processes", "runs held", "requests/s", "CPU % server", "store", "MB more", "reads/s", "writes/s", "failed",
            "most frequent commands/s");
        foreach (var result in results)
        {
            table.AddRow(
                result.Name,
                FormatCount(result.Workers),
                FormatCount(result.Workers * result.RunsPerWorker),
                NumberFormat.Format(result.Load?.PerSecond ?? double.NaN),
                NumberFormat.Format(100 * result.Median(window => window.Cores)),
                NumberFormat.Format(100 * result.Median(window => window.StoreCores)),
                NumberFormat.Format(result.MegabytesMore),
                NumberFormat.Format(result.Median(window => window.Store.ReadsPerSecond)),
                NumberFormat.Format(result.Median(window => window.Store.WritesPerSecond)),
                FormatCount(result.Load is { } load ? load.Failed + load.Rejected : 0),
                FormatCommands(result.Windows[^1]));
        }

        return $"""
            Workers without work, each with an open poll at any time, and workers that renew the leases of
            {RenewalBenchmark.RunsPerWorker} runs each, in {RenewalBenchmark.HeartbeatsPerSecond} heartbeats per second.
            CPU is in percent of one core. Commands to the store are counted on the wire.

            {table}
            """;
    }

    private static string FormatSchedules(List<ScheduleResult> results)
    {
        if (results is not [var first, ..])
        {
            return "";
        }

        var table = new MarkdownTable(
            0, "schedules", "all stored s", "range", "CPU s server", "store", "reads/s", "writes/s", "looks/s when none is due");
        table.AddRow([
            FormatCount(first.Schedules),
            .. FormatMedianAndRange(results.Select(result => result.SecondsUntilStored)),
            NumberFormat.Format(results.Select(result => result.CpuSeconds).Median()),
            NumberFormat.Format(results.Select(result => result.StoreCpuSeconds).Median()),
            NumberFormat.Format(results.Select(result => result.Busy.Store.ReadsPerSecond).Median()),
            NumberFormat.Format(results.Select(result => result.Busy.Store.WritesPerSecond).Median()),
            NumberFormat.Format(results.Select(result => result.IdleLooksPerSecond).Median()),
        ]);
        return $"""
            Schedules that are due at the same second: until the runs of all are stored. Their number is read every 250
            ms. CPU is seconds of one core for all of them.

            {table}
            """;
    }

    private static string FormatCommands(ServerWindow window) => string.Join(", ", window.Store.Counts
        .Take(4)
        .Select(count => $"{count.Key} {NumberFormat.Format(count.Value / window.Store.Seconds)}"));

    private static string[] FormatMedianAndRange(IEnumerable<double> rounds)
    {
        var all = rounds.ToList();
        return [NumberFormat.Format(all.Median()), NumberFormat.FormatRange(all)];
    }

    private static string FormatCount(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
