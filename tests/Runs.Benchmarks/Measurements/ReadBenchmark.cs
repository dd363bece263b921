using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>Measures reads of single runs beside a hand-written baseline, and creates of runs that exist.</summary>
internal sealed class ReadBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    public const string GetRun = "GET /runs/{id}";
    public const string DuplicateCreate = "create of a run that exists";

    private const int ManyCallers = 64;
    private const int KnownRunCount = 1000;

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(0.5);

    public async Task<SampleSet> Measure(CancellationToken cancellationToken)
    {
        await using var baseline = await Start(BenchmarkSubject.BaselineWithoutBroker, cancellationToken);
        await using var runs = await Start(BenchmarkSubject.RunsServer, cancellationToken);
        await CreateKnownRuns(baseline, cancellationToken);
        await CreateKnownRuns(runs, cancellationToken);

        (string Operation, int Callers, BenchmarkSubject Subject, LoadPlan Plan)[] operations =
        [
            (GetRun, 1, baseline, CreateGetPlan(baseline)),
            (GetRun, 1, runs, CreateGetPlan(runs)),
            (GetRun, ManyCallers, baseline, CreateGetPlan(baseline)),
            (GetRun, ManyCallers, runs, CreateGetPlan(runs)),
            (DuplicateCreate, ManyCallers, runs, runs.CreatePlan with { NextRunNumber = PickKnownRun }),
        ];
        foreach (var (_, callers, _, plan) in operations)
        {
            await LoadGenerator.Run(plan, callers, TimeSpan.Zero, options.WarmUpDuration / 4, cancellationToken);
        }

        var samples = new SampleSet();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (operation, callers, subject, plan) in operations)
            {
                var sample = await environment.Sampler.Take(
                    new SampleKey(operation, subject.Name, callers),
                    [subject.Process],
                    plan,
                    WarmUpBeforeSample,
                    options.SampleDuration,
                    cancellationToken);
                samples.Add(sample);
                Progress.Report(sample, round);
            }
        }

        return samples;
    }

    private static async Task CreateKnownRuns(BenchmarkSubject subject, CancellationToken cancellationToken)
    {
        var plan = subject.CreatePlan with { MaxRequests = KnownRunCount };
        await LoadGenerator.Run(plan, callers: 16, TimeSpan.Zero, TimeSpan.FromMinutes(1), cancellationToken);
        await subject.Process.WaitUntilIdle(cancellationToken);
    }

    private static long PickKnownRun(int caller) => Random.Shared.NextInt64(1, KnownRunCount);

    private static LoadPlan CreateGetPlan(BenchmarkSubject subject) =>
        new([subject.Process.Port], BenchmarkSubject.GetRequest, PickKnownRun, ExpectedStatus: 200);

    private Task<BenchmarkSubject> Start(string name, CancellationToken cancellationToken) => BenchmarkSubject.Start(
        new SubjectOptions(name, environment.Services) { Database = $"reads_{name.Replace('-', '_')}" },
        cancellationToken);
}
