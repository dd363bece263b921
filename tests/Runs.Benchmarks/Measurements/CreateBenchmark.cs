using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures the creates of all subjects in turns: for each number of callers, in each round, every subject once, in a
/// rotating order.
/// </summary>
internal sealed class CreateBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    public const string Operation = "create";

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(1);

    /// <summary>For each subject: how many creates were answered 202, and how many runs are in its database.</summary>
    public Dictionary<string, (long Accepted, long Stored)> AcceptedAndStored { get; } = [];

    public async Task<SampleSet> Measure(CancellationToken cancellationToken)
    {
        var subjects = new List<BenchmarkSubject>();
        try
        {
            foreach (var name in options.Subjects.Concat(options.Builds.Keys))
            {
                Progress.Write($"start and warm up {name}");
                subjects.Add(await BenchmarkSubject.Start(await CreateSubjectOptions(name), cancellationToken));
                AcceptedAndStored[name] = (1, 0); // readiness is the create of run 0
                RecordAccepted(subjects[^1], await WarmUp.Run(subjects[^1], options, cancellationToken));
            }

            var samples = await TakeSamples(subjects, cancellationToken);
            foreach (var subject in subjects.Where(subject => subject.Name != BenchmarkSubject.RunsEmbedded))
            {
                var stored = await subject.CountStoredRuns(environment.Services);
                AcceptedAndStored[subject.Name] = AcceptedAndStored[subject.Name] with { Stored = stored };
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

    private async Task<SubjectOptions> CreateSubjectOptions(string name) => options.Builds.TryGetValue(name, out var directory)
        ? new SubjectOptions(name, await environment.CreateVirtualHost(name)) { BuildDirectory = directory }
        : new SubjectOptions(name, environment.Services);

    private async Task<SampleSet> TakeSamples(List<BenchmarkSubject> subjects, CancellationToken cancellationToken)
    {
        var samples = new SampleSet();
        foreach (var callers in options.CallerCounts)
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                for (var turn = 0; turn < subjects.Count; turn++)
                {
                    var subject = subjects[(turn + round) % subjects.Count];
                    var sample = await environment.Sampler.Take(
                        new SampleKey(Operation, subject.Name, callers),
                        [subject.Process],
                        subject.CreatePlan,
                        WarmUpBeforeSample,
                        options.SampleDuration,
                        cancellationToken);
                    samples.Add(sample);
                    RecordAccepted(subject, sample.Load);
                    Progress.Report(sample, round);
                }
            }
        }

        return samples;
    }

    private void RecordAccepted(BenchmarkSubject subject, LoadResult load)
    {
        var (accepted, stored) = AcceptedAndStored[subject.Name];
        AcceptedAndStored[subject.Name] = (accepted + load.SucceededTotal, stored);
    }
}
