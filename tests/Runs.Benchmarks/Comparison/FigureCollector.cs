using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Reporting;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Comparison;

/// <summary>Collects the figures of all parts.</summary>
internal sealed class FigureCollector
{
    private static readonly (string Name, string Unit, bool HigherIsBetter, bool IsComparable, Func<Sample, double> Get)[] Metrics =
    [
        ("rate", "1/s", true, false, SampleMetrics.PerSecond),
        ("p50", "ms", false, false, SampleMetrics.P50),
        ("p95", "ms", false, false, SampleMetrics.P95),
        ("p99", "ms", false, false, SampleMetrics.P99),
        ("server CPU", "s/1,000", false, false, SampleMetrics.ServerCpu),
        ("broker CPU", "s/1,000", false, false, SampleMetrics.BrokerCpu),
        ("store CPU", "s/1,000", false, false, SampleMetrics.StoreCpu),
        ("allocated", "KB", false, true, SampleMetrics.AllocatedKilobytes),
        ("peak memory", "MB", false, true, SampleMetrics.PeakMegabytes),
        ("GC pauses", "ms/s", false, false, SampleMetrics.GcPauses),
    ];

    private static readonly string[] RelativeMetrics = ["rate", "p50", "p99", "server CPU"];

    private readonly List<Figure> _figures = [];

    public static IReadOnlyList<Figure> Collect(BenchmarkResults results)
    {
        var collector = new FigureCollector();
        collector.AddSamples(BenchmarkParts.Creates, results.Creates, GetCreateReference);
        collector.AddSamples(BenchmarkParts.Reads, results.Reads, SampleSections.GetBaseline);
        collector.AddSamples(BenchmarkParts.Appends, results.Appends, SampleSections.GetBaseline);
        collector.AddSamples(BenchmarkParts.Streams, results.Streams, SampleSections.GetBaseline);
        collector.AddSamples(BenchmarkParts.Growth, results.Growth, SampleSections.GetBaseline);
        collector.AddSamples(BenchmarkParts.ScaleOut, results.ScaleOut, SampleSections.GetSmallestDeployment);
        collector.AddSamples(BenchmarkParts.BrokerCluster, results.BrokerCluster, BrokerClusterBenchmark.GetReference);
        collector.AddAppendMemory(results.AppendMemory);
        collector.AddDeliveries(results.Deliveries);
        collector.AddAgents(results);
        collector.AddStartup(results.Startup);
        collector.AddWireCosts(results);
        collector.AddOverload(results.Overload);
        collector.AddSamples(BenchmarkParts.Claims, results.Execution.Claims, ExecutionSection.GetBaseline);
        collector.AddExecution(results.Execution);
        return collector._figures;
    }

    private static SampleKey GetCreateReference(SampleKey key) => key with
    {
        Subject = key.Subject switch
        {
            BenchmarkSubject.RunsEmbedded => BenchmarkSubject.BaselineWithoutBroker,
            BenchmarkSubject.BaselineWithoutBroker => key.Subject,
            _ => BenchmarkSubject.Baseline,
        },
    };

    private void AddSamples(string part, SampleSet samples, Func<SampleKey, SampleKey> getReference)
    {
        foreach (var key in samples.Keys)
        {
            var name = $"{part}: {key.Operation}, {key.Subject}, {key.Callers} callers";
            var all = samples.Find(key);
            foreach (var metric in Metrics)
            {
                Add($"{name}: {metric.Name}", metric.Unit, metric.HigherIsBetter, metric.IsComparable, all.Select(metric.Get));
            }

            var reference = getReference(key);
            if (reference != key)
            {
                var other = reference.Operation == key.Operation ? reference.Subject : reference.Operation;
                foreach (var metric in Metrics.Where(metric => RelativeMetrics.Contains(metric.Name)))
                {
                    var ratios = samples.Ratios(key, reference, metric.Get);
                    Add($"{name}: {metric.Name}, of {other}", "ratio", metric.HigherIsBetter, isComparable: true, ratios);
                }
            }
        }
    }

    private void AddAppendMemory(AppendMemory? memory)
    {
        if (memory is not null)
        {
            var name = $"appends: peak memory of {memory.Load.SucceededTotal} appends";
            Add(name, "MB", higherIsBetter: false, isComparable: true, [memory.PeakBytes / 1e6]);
        }
    }

    private void AddDeliveries(List<AgentLoadResult> deliveries)
    {
        foreach (var results in deliveries.GroupBy(result => result.Subject))
        {
            AddLatencies(
                $"streams: delivery to {results.First().Streams} open streams, {results.Key}",
                results.Select(result => result.Deliveries.Percentile(0.5)),
                results.Select(result => result.Deliveries.Percentile(0.99)));
        }
    }

    private void AddLatencies(string name, IEnumerable<double> p50, IEnumerable<double> p99)
    {
        Add($"{name}: p50", "ms", higherIsBetter: false, isComparable: false, p50);
        Add($"{name}: p99", "ms", higherIsBetter: false, isComparable: false, p99);
    }

    private void AddAgents(BenchmarkResults results)
    {
        if (results.Agents is [{ Agents: var count }, ..] agents)
        {
            AddLatencies(
                $"agents: append of {count} agents",
                agents.Select(result => result.Appends.Percentile(0.5)),
                agents.Select(result => result.Appends.Percentile(0.99)));
            Add("agents: memory", "MB", higherIsBetter: false, isComparable: true, agents.Select(result => result.BytesAtEnd / 1e6));
        }

        Add("agents: lives", "1/s", higherIsBetter: true, isComparable: false, results.AgentLives.Select(life => life.LivesPerSecond));
    }

    private void AddStartup(List<StartupSample> startup)
    {
        foreach (var samples in startup.GroupBy(sample => sample.Subject))
        {
            AddMetric("ready", "s", isComparable: false, sample => sample.ReadySeconds);
            AddMetric("first create, of the hundredth", "ratio", isComparable: true, sample => sample.FirstCreateRatio);
            AddMetric("warm creates/s, of the first", "ratio", isComparable: true, sample => sample.WarmRateRatio);

            void AddMetric(string name, string unit, bool isComparable, Func<StartupSample, double> get) =>
                Add($"startup: {samples.Key}: {name}", unit, higherIsBetter: false, isComparable, samples.Select(get));
        }
    }

    private void AddWireCosts(BenchmarkResults results)
    {
        foreach (var cost in results.WireCosts)
        {
            var name = $"wire-costs: {cost.Subject}, {cost.Callers} callers";
            Add($"{name}: messages published", "1/create", higherIsBetter: false, isComparable: true, [cost.PublishedMessages]);
            Add($"{name}: awaited writes", "1/create", higherIsBetter: false, isComparable: true, [cost.AwaitedWrites]);
        }
    }

    private void AddOverload(OverloadResult? overload)
    {
        if (overload is not null)
        {
            var ratio = overload.Overloaded.Percentile(0.99) / overload.Normal.Percentile(0.99);
            Add("overload: p99 of accepted creates, of normal", "ratio", higherIsBetter: false, isComparable: true, [ratio]);
        }
    }

    private void AddExecution(ExecutionResults results)
    {
        foreach (var figure in ExecutionFigures.List(results))
        {
            Add(figure.Name, figure.Unit, figure.HigherIsBetter, figure.IsComparable, figure.Samples);
        }
    }

    // JSON has no NaN: what was not measured is left out.
    private void Add(string name, string unit, bool higherIsBetter, bool isComparable, IEnumerable<double> samples)
    {
        var measured = samples.Where(double.IsFinite).ToList();
        if (measured.Count > 0)
        {
            _figures.Add(new Figure
            {
                Name = name,
                Unit = unit,
                HigherIsBetter = higherIsBetter,
                IsComparable = isComparable,
                Samples = measured,
            });
        }
    }
}
