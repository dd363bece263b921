using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures the creates of all targets in turns: for each number of callers, in each round, every target once, in a
/// rotating order.
/// </summary>
internal sealed class CreateBenchmark(BenchmarkOptions options, ServiceEndpoints services, Sampler sampler)
{
    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(1);

    /// <summary>For each target: how many creates were answered 202, and how many runs are in its database.</summary>
    public Dictionary<string, (long Accepted, long Stored)> AcceptedAndStored { get; } = [];

    public async Task<List<Sample>> Measure(CancellationToken cancellationToken)
    {
        var targets = new List<BenchmarkTarget>();
        try
        {
            foreach (var name in options.Targets.Concat(options.Builds.Keys))
            {
                Progress.Write($"start and warm up {name}");
                targets.Add(await Start(name, cancellationToken));
                AcceptedAndStored[name] = (1, 0); // readiness is the create of run 0
                RecordAccepted(targets[^1], await WarmUp.Run(targets[^1], options, cancellationToken));
            }

            var samples = await TakeSamples(targets, cancellationToken);
            foreach (var target in targets.Where(target => target.Name != BenchmarkTarget.RunsEmbedded))
            {
                var stored = await target.CountStoredRuns(services);
                AcceptedAndStored[target.Name] = AcceptedAndStored[target.Name] with { Stored = stored };
            }

            return samples;
        }
        finally
        {
            foreach (var target in targets)
            {
                await target.DisposeAsync();
            }
        }
    }

    private Task<BenchmarkTarget> Start(string name, CancellationToken cancellationToken) =>
        options.Builds.TryGetValue(name, out var directory)
            ? BenchmarkTarget.Start(name, services with { VirtualHost = name }, cancellationToken, buildDirectory: directory)
            : BenchmarkTarget.Start(name, services, cancellationToken);

    private async Task<List<Sample>> TakeSamples(List<BenchmarkTarget> targets, CancellationToken cancellationToken)
    {
        var samples = new List<Sample>();
        foreach (var callers in options.CallerCounts)
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                for (var turn = 0; turn < targets.Count; turn++)
                {
                    var target = targets[(turn + round) % targets.Count];
                    var sample = await sampler.Take(
                        target, target.CreatePlan, callers, WarmUpBeforeSample, options.SampleDuration, cancellationToken);
                    samples.Add(sample);
                    RecordAccepted(target, sample.Load);
                    ReportProgress(sample, round);
                }
            }
        }

        return samples;
    }

    private void RecordAccepted(BenchmarkTarget target, LoadResult load)
    {
        var (accepted, stored) = AcceptedAndStored[target.Name];
        AcceptedAndStored[target.Name] = (accepted + load.SucceededTotal, stored);
        if (load.Failed > 0)
        {
            Progress.Write($"{target.Name}: {load.Failed} requests failed");
        }
    }

    private static void ReportProgress(Sample sample, int round)
    {
        var (load, name) = (sample.Load, sample.Target);
        FormattableString latencies = $"p50 {load.Percentile(0.5):0.0} ms, p99 {load.Percentile(0.99):0.0} ms";
        Progress.Write(
            $"{sample.Callers,4} callers, round {round + 1}, {name,-9} {load.PerSecond,6:0}/s, {FormattableString.Invariant(latencies)}");
    }
}
