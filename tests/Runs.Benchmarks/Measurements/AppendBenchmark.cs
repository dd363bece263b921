using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures appends to event logs beside a hand-written baseline, in turns. Each sample begins with new runs: the
/// baseline's documents grow with each append.
/// </summary>
internal sealed class AppendBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    public const int EventsPerAppend = 20;

    public static readonly string Operation = $"append {EventsPerAppend} events";

    private const int RunCount = 256;
    private const int ManyCallers = 64;

    private static readonly int[] CallerCounts = [1, ManyCallers];
    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(0.5);

    public async Task<SampleSet> Measure(CancellationToken cancellationToken)
    {
        await using var baseline = await Start(BenchmarkSubject.BaselineWithoutBroker, cancellationToken);
        await using var runs = await Start(BenchmarkSubject.RunsServer, cancellationToken);
        (BenchmarkSubject Subject, RunningRuns Runs)[] entries =
            [(baseline, new RunningRuns(baseline, RunCount)), (runs, new RunningRuns(runs, RunCount))];
        foreach (var entry in entries)
        {
            await WarmUpAppends(entry.Subject, entry.Runs, cancellationToken);
        }

        var samples = new SampleSet();
        foreach (var callers in CallerCounts)
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                for (var turn = 0; turn < entries.Length; turn++)
                {
                    var entry = entries[(turn + round) % entries.Length];
                    await entry.Runs.Create(cancellationToken);
                    await entry.Subject.Process.WaitUntilIdle(cancellationToken);
                    var sample = await environment.Sampler.Take(
                        new SampleKey(Operation, entry.Subject.Name, callers),
                        [entry.Subject.Process],
                        entry.Runs.CreateAppendPlan(callers, EventsPerAppend),
                        WarmUpBeforeSample,
                        options.SampleDuration,
                        cancellationToken);
                    samples.Add(sample);
                    Progress.Report(sample, round);
                }
            }
        }

        return samples;
    }

    /// <summary>
    /// Appends many times to few runs of a new server, and reads the largest resident memory since its start.
    /// </summary>
    public async Task<AppendMemory> MeasureMemory(CancellationToken cancellationToken)
    {
        Progress.Write($"append {options.Appends} times");
        await using var subject = await Start(BenchmarkSubject.RunsServer, cancellationToken);
        var runs = new RunningRuns(subject, RunCount);
        await runs.Create(cancellationToken);
        var plan = runs.CreateAppendPlan(ManyCallers, EventsPerAppend) with { MaxRequests = options.Appends };
        var load = await LoadGenerator.Run(plan, ManyCallers, TimeSpan.Zero, TimeSpan.FromMinutes(10), cancellationToken);
        await subject.Process.WaitUntilIdle(cancellationToken);
        var memory = new AppendMemory(load, subject.Process.PeakMemory, subject.Process.ResidentMemory);
        Progress.Write($"{load.SucceededTotal} appends in {load.Seconds:0} s, {memory.PeakBytes / 1e6:0} MB at most");
        return memory;
    }

    private Task<BenchmarkSubject> Start(string name, CancellationToken cancellationToken) => BenchmarkSubject.Start(
        new SubjectOptions(name, environment.Services) { Database = $"appends_{name.Replace('-', '_')}" },
        cancellationToken);

    private async Task WarmUpAppends(BenchmarkSubject subject, RunningRuns runs, CancellationToken cancellationToken)
    {
        Progress.Write($"warm up {subject.Name}");
        await runs.Create(cancellationToken);
        var plan = runs.CreateAppendPlan(ManyCallers, EventsPerAppend);
        await LoadGenerator.Run(plan, ManyCallers, TimeSpan.Zero, options.WarmUpDuration, cancellationToken);
        await subject.Process.WaitUntilIdle(cancellationToken);
    }
}
