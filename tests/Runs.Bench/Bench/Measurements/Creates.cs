using Runs.Bench.Bench.Load;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Measurements;

/// <summary>Creates of all subjects, in turns: at each number of callers, round after round, everyone once, and not always in the same order.</summary>
internal sealed class Creates(BenchOptions options, Rig rig, Sampler sampler)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>For each subject with MongoDB, how many runs were answered 202 and how many stand in its store.</summary>
    public Dictionary<string, (long Answered, long Stored)> Kept { get; } = [];

    public async Task<List<Sample>> Measure(CancellationToken cancellationToken)
    {
        var subjects = new List<Subject>();
        try
        {
            foreach (var name in options.Subjects.Concat(options.Builds.Keys))
            {
                Progress.Say($"start and warm up {name}");
                var subject = options.Builds.TryGetValue(name, out var build)
                    ? await Subject.Start(name, rig with { VirtualHost = name }, cancellationToken, build: build)
                    : await Subject.Start(name, rig, cancellationToken);
                subjects.Add(subject);
                Kept[name] = (1, 0);
                Note(subject, await WarmUp.Run(subject, options, cancellationToken));
            }

            var samples = new List<Sample>();
            foreach (var callers in options.Callers)
            {
                for (var round = 0; round < options.Rounds; round++)
                {
                    for (var turn = 0; turn < subjects.Count; turn++)
                    {
                        var subject = subjects[(turn + round) % subjects.Count];
                        var sample = await sampler.Take(subject, subject.Creates, callers, Settling, options.Window, cancellationToken);
                        Note(subject, sample.Load);
                        samples.Add(sample);
                        Progress.Say($"{callers,4} callers, round {round + 1}, {subject.Name,-9} {sample.Load.PerSecond,6:0}/s, p50 {sample.Load.Percentile(0.5):0.0} ms, p99 {sample.Load.Percentile(0.99):0.0} ms");
                    }
                }
            }

            foreach (var subject in subjects.Where(subject => subject.Name != Subject.Embedded))
            {
                Kept[subject.Name] = Kept[subject.Name] with { Stored = await subject.Stored(rig) };
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

    private void Note(Subject subject, LoadResult load)
    {
        Kept[subject.Name] = Kept[subject.Name] with { Answered = Kept[subject.Name].Answered + load.AllGood };
        if (load.Failed > 0)
        {
            Progress.Say($"{subject.Name}: {load.Failed} requests failed");
        }
    }
}
