using System.Diagnostics;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Statistics;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures new processes, on a store that has its indexes: the time until they are ready, and how much slower their
/// first creates are than later ones. Runs is the build of its image, because containers are what starts often.
/// </summary>
internal sealed class StartupBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private const int Callers = 64;
    private const int SingleCreates = 110;
    private const int CreatesAroundHundredth = 20;
    private const long RunsPerProcess = 10_000_000;

    private static readonly string[] Subjects =
    [
        BenchmarkSubject.RunsEmbedded,
        BenchmarkSubject.RunsServer,
        BenchmarkSubject.MassTransitDefaults,
        BenchmarkSubject.Baseline,
    ];

    private static readonly TimeSpan MaxFirstCreates = TimeSpan.FromMinutes(2);

    private long _starts;

    public async Task<List<StartupSample>> Measure(CancellationToken cancellationToken)
    {
        var image = await ImageBuild.Publish(cancellationToken);
        var samples = new List<StartupSample>();
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var name in Subjects)
            {
                // The first start creates the indexes and fills the page cache.
                var sample = await MeasureProcess(name, image, startOnly: round < 0, cancellationToken);
                if (round >= 0)
                {
                    samples.Add(sample);
                    ReportProgress(sample);
                }
            }
        }

        return samples;
    }

    private static void ReportProgress(StartupSample sample)
    {
        Progress.Write($"{sample.Subject}, ready after {sample.ReadySeconds:0.00} s");
        if (double.IsFinite(sample.FirstCreateMilliseconds))
        {
            Progress.Write(
                $"  first create {sample.FirstCreateMilliseconds:0.0} ms, hundredth {sample.HundredthCreateMilliseconds:0.0} ms");
            Progress.Write($"  first creates {sample.FirstCreatesPerSecond:0}/s, warm {sample.WarmCreatesPerSecond:0}/s");
        }
    }

    private async Task<StartupSample> MeasureProcess(string name, string image, bool startOnly, CancellationToken cancellationToken)
    {
        var isRuns = name is BenchmarkSubject.RunsServer or BenchmarkSubject.RunsEmbedded;
        var subjectOptions = new SubjectOptions(name, environment.Services)
        {
            Database = $"startup_{name.Replace('-', '_')}",
            Readiness = isRuns ? Readiness.Health : Readiness.FirstCreate,
            BuildDirectory = image,
            LastRunNumber = ++_starts * RunsPerProcess, // the database has the runs of earlier processes
        };
        await using var subject = await BenchmarkSubject.Start(subjectOptions, cancellationToken);
        var sample = new StartupSample { Subject = name, ReadySeconds = subject.Process.StartupDuration.TotalSeconds };
        return isRuns && !startOnly ? await MeasureCreates(subject, sample, cancellationToken) : sample;
    }

    private async Task<StartupSample> MeasureCreates(BenchmarkSubject subject, StartupSample sample, CancellationToken cancellationToken)
    {
        var latencies = await TimeLimit.Run(
            MaxFirstCreates,
            $"The first {SingleCreates} creates of {subject.Name}",
            timeout => CreateOneByOne(subject, timeout),
            cancellationToken);
        var firstPlan = subject.CreatePlan with { MaxRequests = options.FirstCreates - SingleCreates };
        var first = await LoadGenerator.Run(firstPlan, Callers, TimeSpan.Zero, MaxFirstCreates, cancellationToken);
        await subject.Process.WaitUntilIdle(cancellationToken);
        var warm = await LoadGenerator.Run(
            subject.CreatePlan, Callers, warmUp: TimeSpan.FromSeconds(1), options.SampleDuration, cancellationToken);
        return sample with
        {
            FirstCreateMilliseconds = latencies[0],
            HundredthCreateMilliseconds = latencies.TakeLast(CreatesAroundHundredth).Median(),
            FirstCreatesPerSecond = first.PerSecond,
            WarmCreatesPerSecond = warm.PerSecond,
        };
    }

    private static async Task<List<double>> CreateOneByOne(BenchmarkSubject subject, CancellationToken cancellationToken)
    {
        var plan = subject.CreatePlan;
        using var connection = await RawHttpConnection.Connect(subject.Process.Port, cancellationToken);
        var renderer = plan.Request.CreateRenderer();
        var milliseconds = new List<double>();
        while (milliseconds.Count < SingleCreates)
        {
            var request = renderer.Render(plan.NextRunNumber(0));
            var sent = Stopwatch.GetTimestamp();
            var status = await connection.Send(request, cancellationToken);
            milliseconds.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            if (status != plan.ExpectedStatus)
            {
                throw new InvalidOperationException($"{subject.Name} answered the create {milliseconds.Count} with {status}.");
            }
        }

        return milliseconds;
    }
}
