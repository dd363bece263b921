using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Statistics;
using Runs.Benchmarks.Subjects;
using static Runs.Benchmarks.Reporting.Goal;

namespace Runs.Benchmarks.Reporting;

/// <summary>The performance goals of Runs.</summary>
internal sealed class Goals(BenchmarkOptions options, BenchmarkResults results)
{
    public IEnumerable<Goal> Evaluate() =>
    [
        .. EvaluateCreates(),
        .. EvaluateWireCosts(),
        .. EvaluateAppends(),
        AtLeast("GET /runs/{id}/s with 64 callers, of the baseline", ReadRatio(), 0.8),
        .. EvaluateAgents(),
        .. EvaluateGrowth(),
        .. EvaluateStartup(),
        .. EvaluateProcesses(),
        .. EvaluateOverload(),
        .. new ExecutionGoals(options, results.Execution).Evaluate(),
    ];

    private IEnumerable<Goal> EvaluateCreates()
    {
        foreach (var callers in (int[])[64, 256])
        {
            yield return AtLeast(
                $"creates/s with {callers} callers, of the baseline",
                CreateRatio(BenchmarkSubject.Baseline, callers, SampleMetrics.PerSecond),
                1.5);
            yield return AtLeast(
                $"creates/s with {callers} callers, of MassTransit's defaults",
                CreateRatio(BenchmarkSubject.MassTransitDefaults, callers, SampleMetrics.PerSecond),
                4);
        }

        yield return AtMost(
            "p50 of creates with one caller, of the baseline",
            CreateRatio(BenchmarkSubject.Baseline, callers: 1, SampleMetrics.P50),
            1.25);
        yield return AtMost(
            "p99 of creates with 64 callers, of the baseline",
            CreateRatio(BenchmarkSubject.Baseline, callers: 64, SampleMetrics.P99),
            1);
        yield return AtMost(
            "server CPU of a create with 64 callers, of the baseline",
            CreateRatio(BenchmarkSubject.Baseline, callers: 64, SampleMetrics.ServerCpu),
            1);
        yield return AtMost("KB allocated per create with 64 callers", CreateMedian(64, SampleMetrics.AllocatedKilobytes), 65);
        yield return AtMost("peak memory with 256 callers, MB", CreatePeakMemory(256), 250);
        yield return AtLeast("runs found in the store, of those answered 202", StoredShare(), 1);
    }

    private IEnumerable<Goal> EvaluateWireCosts()
    {
        var cost = results.WireCosts.Find(cost => cost is { Subject: BenchmarkSubject.RunsServer, Callers: 1 });
        yield return AtMost("store writes that a create waits for", cost?.AwaitedWrites ?? double.NaN, 1.005);
        yield return AtMost("broker messages of a create, its event included", cost?.PublishedMessages ?? double.NaN, 3.005);
    }

    private IEnumerable<Goal> EvaluateAppends()
    {
        yield return AtLeast("appends/s with 64 callers, of the baseline", AppendRatio(64), 1.3);
        yield return AtLeast("appends/s with one caller, of the baseline", AppendRatio(1), 0.9);
        yield return AtMost(
            FormattableString.Invariant($"peak memory of {options.Appends:N0} appends, MB"),
            results.AppendMemory?.PeakBytes / 1e6 ?? double.NaN,
            300);
    }

    private IEnumerable<Goal> EvaluateAgents()
    {
        var name = FormattableString.Invariant($"{options.Agents:N0} agents that append every {AgentLoad.Interval.TotalMilliseconds} ms");
        yield return AtMost($"p99 of {name}, ms", results.Agents.Select(result => result.Appends.Percentile(0.99)).Median(), 100);
        var memory = results.Agents is [var first, .., var last] ? (double)last.BytesAtEnd / first.BytesAtStart : double.NaN;
        yield return AtMost($"memory after {name}, of that at the beginning", memory, 1.1);
    }

    private IEnumerable<Goal> EvaluateProcesses()
    {
        var first = ScaleOutBenchmark.CreateKey(ScaleOutBenchmark.Deployments[0]);
        foreach (var deployment in ScaleOutBenchmark.Deployments.Skip(1))
        {
            var ratios = results.ScaleOut.Ratios(ScaleOutBenchmark.CreateKey(deployment), first, SampleMetrics.PerSecond);
            yield return AtLeast(
                $"creates/s with {deployment.Api} api and {deployment.Lifecycle} lifecycle processes, of one and one",
                ratios.Median(),
                0.95);
        }

        foreach (var key in (SampleKey[])[BrokerClusterBenchmark.ThreeNodes, BrokerClusterBenchmark.OneNodeStopped])
        {
            var ratios = results.BrokerCluster.Ratios(key, BrokerClusterBenchmark.GetReference(key), SampleMetrics.PerSecond);
            yield return AtLeast($"creates/s, {key.Operation["create, ".Length..]}, of one node", ratios.Median(), 0.8);
        }
    }

    private IEnumerable<Goal> EvaluateGrowth()
    {
        var (small, large) = (options.StoreSizes[0], options.StoreSizes[^1]);
        var stored = FormattableString.Invariant($"with {large:N0} stored runs, of {small:N0}");
        yield return AtLeast($"creates/s {stored}", GrowthRatio(GrowthBenchmark.Create, SampleMetrics.PerSecond), 0.95);
        yield return AtLeast($"appends/s {stored}", GrowthRatio(GrowthBenchmark.Append, SampleMetrics.PerSecond), 0.95);
        yield return AtMost(
            $"p50 of a list's first page {stored}",
            GrowthRatio(size => GrowthBenchmark.List(BenchmarkSubject.RunsServer, size), SampleMetrics.P50),
            1.5);
    }

    private IEnumerable<Goal> EvaluateStartup()
    {
        yield return AtMost(
            "start until ready, embedded, s",
            StartupMedian(BenchmarkSubject.RunsEmbedded, sample => sample.ReadySeconds),
            1);
        yield return AtMost(
            "start until ready, on containers, s",
            StartupMedian(BenchmarkSubject.RunsServer, sample => sample.ReadySeconds),
            1.5);
        foreach (var subject in (string[])[BenchmarkSubject.RunsEmbedded, BenchmarkSubject.RunsServer])
        {
            yield return AtMost(
                $"latency of the first create, of the hundredth, {subject}", StartupMedian(subject, sample => sample.FirstCreateRatio), 2);
            yield return AtMost(
                FormattableString.Invariant($"warm creates/s, of the first {options.FirstCreates:N0}, {subject}"),
                StartupMedian(subject, sample => sample.WarmRateRatio),
                1.3);
        }
    }

    private IEnumerable<Goal> EvaluateOverload()
    {
        var overload = results.Overload;
        var latencyRatio = overload is null
            ? double.NaN
            : overload.Overloaded.Percentile(0.99) / overload.Normal.Percentile(0.99);
        var retryAfterShare = overload is { Overloaded.Rejected: > 0 }
            ? (double)overload.Overloaded.RejectedWithRetryAfter / overload.Overloaded.Rejected
            : double.NaN;
        yield return AtMost("p99 of what is accepted under overload, of normal", latencyRatio, 2);
        yield return AtLeast("rejections with Retry-After, share", retryAfterShare, 1);
    }

    private double CreateRatio(string other, int callers, Func<Sample, double> metric) => results.Creates.Ratios(
        BenchmarkResults.CreateKey(BenchmarkSubject.RunsServer, callers), BenchmarkResults.CreateKey(other, callers), metric).Median();

    private double CreateMedian(int callers, Func<Sample, double> metric) =>
        results.Creates.Median(BenchmarkResults.CreateKey(BenchmarkSubject.RunsServer, callers), metric);

    private double CreatePeakMemory(int callers) =>
        results.Creates.Find(BenchmarkResults.CreateKey(BenchmarkSubject.RunsServer, callers)) is { Count: > 0 } samples
            ? samples.Max(SampleMetrics.PeakMegabytes)
            : double.NaN;

    private double StoredShare() => results.AcceptedAndStored.TryGetValue(BenchmarkSubject.RunsServer, out var runs)
        ? (double)runs.Stored / runs.Accepted
        : double.NaN;

    private double AppendRatio(int callers) => RatioToBaseline(results.Appends, AppendBenchmark.Operation, callers);

    private double ReadRatio() => RatioToBaseline(results.Reads, ReadBenchmark.GetRun, callers: 64);

    private static double RatioToBaseline(SampleSet samples, string operation, int callers) => samples.Ratios(
        new SampleKey(operation, BenchmarkSubject.RunsServer, callers),
        new SampleKey(operation, BenchmarkSubject.BaselineWithoutBroker, callers),
        SampleMetrics.PerSecond).Median();

    private double GrowthRatio(Func<int, SampleKey> getKey, Func<Sample, double> metric) =>
        results.Growth.Ratios(getKey(options.StoreSizes[^1]), getKey(options.StoreSizes[0]), metric).Median();

    private double StartupMedian(string subject, Func<StartupSample, double> metric) =>
        results.Startup.Where(sample => sample.Subject == subject).Select(metric).Median();
}
