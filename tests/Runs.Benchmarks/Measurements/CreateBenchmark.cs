using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Measurements;

/// <summary>Creates of all subjects, in turns: at each number of callers, round after round, everyone once, and not always in the same order.</summary>
internal sealed class CreateBenchmark(BenchmarkOptions options, ServiceEndpoints rig, Sampler sampler)
{
    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(1);

    /// <summary>For each subject with MongoDB, how many runs were answered 202 and how many stand in its store.</summary>
    public Dictionary<string, (long Answered, long Stored)> AcceptedAndStored { get; } = [];

    public async Task<List<Sample>> Measure(CancellationToken cancellationToken)
    {
        var subjects = new List<BenchmarkTarget>();
        try
        {
            foreach (var name in options.Targets.Concat(options.Builds.Keys))
            {
                Progress.Write($"start and warm up {name}");
                var subject = options.Builds.TryGetValue(name, out var build)
                    ? await BenchmarkTarget.Start(name, rig with { VirtualHost = name }, cancellationToken, buildDirectory: build)
                    : await BenchmarkTarget.Start(name, rig, cancellationToken);
                subjects.Add(subject);
                AcceptedAndStored[name] = (1, 0);
                RecordAccepted(subject, await WarmUp.Run(subject, options, cancellationToken));
            }

            var samples = new List<Sample>();
            foreach (var callers in options.CallerCounts)
            {
                for (var round = 0; round < options.Rounds; round++)
                {
                    for (var turn = 0; turn < subjects.Count; turn++)
                    {
                        var subject = subjects[(turn + round) % subjects.Count];
                        var sample = await sampler.Take(subject, subject.CreatePlan, callers, WarmUpBeforeSample, options.SampleDuration, cancellationToken);
                        RecordAccepted(subject, sample.Load);
                        samples.Add(sample);
                        Progress.Write($"{callers,4} callers, round {round + 1}, {subject.Name,-9} {sample.Load.PerSecond,6:0}/s, p50 {sample.Load.Percentile(0.5):0.0} ms, p99 {sample.Load.Percentile(0.99):0.0} ms");
                    }
                }
            }

            foreach (var subject in subjects.Where(subject => subject.Name != BenchmarkTarget.RunsEmbedded))
            {
                AcceptedAndStored[subject.Name] = AcceptedAndStored[subject.Name] with { Stored = await subject.CountStoredRuns(rig) };
            }

            return samples;
        }
        finally
        {
            foreach (var subject in subjects)
            {
                await subject.DisposeAsync();
            }
        }
    }

    private void RecordAccepted(BenchmarkTarget subject, LoadResult load)
    {
        AcceptedAndStored[subject.Name] = AcceptedAndStored[subject.Name] with { Answered = AcceptedAndStored[subject.Name].Answered + load.SucceededTotal };
        if (load.Failed > 0)
        {
            Progress.Write($"{subject.Name}: {load.Failed} requests failed");
        }
    }
}
