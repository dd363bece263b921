using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures streams beside a hand-written baseline: complete logs, and the delivery of events that are appended while
/// the streams are open.
/// </summary>
internal sealed class StreamBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    public const string ReadLog = "stream of a completed run, 200 events";
    public const int Callers = 8;

    private const int LogCount = 100;
    private const int AppendsPerLog = 10;
    private const int LiveStreams = 100;

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(0.5);

    /// <summary>The delivery to open streams, in each round.</summary>
    public List<AgentLoadResult> Deliveries { get; } = [];

    /// <summary>Measures complete logs, then fills <see cref="Deliveries"/>.</summary>
    public async Task<SampleSet> Measure(CancellationToken cancellationToken)
    {
        await using var baseline = await Start(BenchmarkSubject.BaselineWithoutBroker, cancellationToken);
        await using var runs = await Start(BenchmarkSubject.RunsServer, cancellationToken);
        (BenchmarkSubject Subject, RunningRuns Runs)[] entries =
            [(baseline, new RunningRuns(baseline, LogCount)), (runs, new RunningRuns(runs, LogCount))];
        foreach (var entry in entries)
        {
            await entry.Runs.Create(cancellationToken);
            await entry.Runs.AppendAndComplete(AppendsPerLog, cancellationToken);
            await entry.Subject.Process.WaitUntilIdle(cancellationToken);
        }

        var samples = new SampleSet();
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var (subject, logs) in entries)
            {
                var key = new SampleKey(ReadLog, subject.Name, Callers);
                var sample = await environment.Sampler.Take(
                    key, [subject.Process], logs.CreateStreamPlan(), WarmUpBeforeSample, options.SampleDuration, cancellationToken);
                if (round >= 0)
                {
                    samples.Add(sample);
                    Progress.Report(sample, round);
                }
            }
        }

        await MeasureDeliveries([baseline, runs], cancellationToken);
        return samples;
    }

    private async Task MeasureDeliveries(BenchmarkSubject[] subjects, CancellationToken cancellationToken)
    {
        var loads = subjects.Select(subject => new AgentLoad(subject, LiveStreams, LiveStreams)).ToList();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var load in loads)
            {
                var results = await load.Run(rounds: 1, options.SampleDuration, options.WarmUpDuration / 4, cancellationToken);
                var result = results[0];
                Deliveries.Add(result);
                var (count, p50) = (result.Deliveries.Count, result.Deliveries.Percentile(0.5));
                Progress.Write($"{result.Subject}, {LiveStreams} streams: {count} deliveries, p50 {p50:0.0} ms");
            }
        }
    }

    private Task<BenchmarkSubject> Start(string name, CancellationToken cancellationToken) => BenchmarkSubject.Start(
        new SubjectOptions(name, environment.Services) { Database = $"streams_{name.Replace('-', '_')}" },
        cancellationToken);
}
