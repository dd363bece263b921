using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>Measures claims of ready runs over HTTP beside a hand-written baseline, in turns.</summary>
internal sealed class ClaimBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    /// <summary>Claims of workers that each have a key of their own.</summary>
    public const string Operation = "claim";

    /// <summary>Claims of processes that share the key of one worker.</summary>
    public const string SharedKeyOperation = "claim, processes of one worker";

    public const int ManyCallers = 64;

    /// <summary>Long enough that a claim never ends without a run, in seconds.</summary>
    public const int WaitSeconds = 20;

    /// <summary>The size of a response that has a run: without one, it is <c>{"run":null}</c>.</summary>
    public const int MinClaimedBytes = 100;

    private static readonly string[] Subjects =
        [BenchmarkSubject.BaselineClaims, BenchmarkSubject.RunsServer, BenchmarkSubject.RunsEmbedded];

    private static readonly (string Operation, int Callers)[] Loads =
        [(Operation, 1), (Operation, ManyCallers), (SharedKeyOperation, ManyCallers)];

    public async Task<SampleSet> Measure(CancellationToken cancellationToken)
    {
        var subjects = new List<BenchmarkSubject>();
        try
        {
            var loads = new List<(SampleKey Key, ClaimLoad Load)>();
            foreach (var name in Subjects)
            {
                Progress.Write($"start {name} and warm up its claims");
                subjects.Add(await Start(name, cancellationToken));
                loads.AddRange(await CreateLoads(subjects[^1], cancellationToken));
            }

            return await TakeSamples(loads, cancellationToken);
        }
        finally
        {
            foreach (var subject in subjects)
            {
                await subject.DisposeAsync();
            }
        }
    }

    private async Task<SampleSet> TakeSamples(
        List<(SampleKey Key, ClaimLoad Load)> loads, CancellationToken cancellationToken)
    {
        var samples = new SampleSet();
        foreach (var group in loads.GroupBy(load => (load.Key.Operation, load.Key.Callers)))
        {
            var subjects = group.ToList();
            for (var round = 0; round < options.Rounds; round++)
            {
                for (var turn = 0; turn < subjects.Count; turn++)
                {
                    var (key, load) = subjects[(turn + round) % subjects.Count];
                    var sample = await load.Take(environment.Sampler, key, options.SampleDuration, cancellationToken);
                    samples.Add(sample);
                    Progress.Report(sample, round);
                }
            }
        }

        return samples;
    }

    // Of the baseline, all callers are the same, so it has no processes of one worker.
    private async Task<List<(SampleKey Key, ClaimLoad Load)>> CreateLoads(
        BenchmarkSubject subject, CancellationToken cancellationToken)
    {
        var ready = new ReadyRuns(subject, [subject.Process]);
        var isBaseline = subject.Name == BenchmarkSubject.BaselineClaims;
        var workers = isBaseline
            ? [.. Enumerable.Repeat(BenchmarkWorker.OfBaseline, ManyCallers)]
            : await BenchmarkWorker.RegisterMany(subject, ManyCallers, cancellationToken);
        var load = CreateLoad(workers);
        await load.WarmUp(options.WarmUpDuration, cancellationToken);
        var sharedKey = CreateLoad([.. Enumerable.Repeat(workers[0], ManyCallers)]);
        await sharedKey.WarmUp(options.WarmUpDuration / 10, cancellationToken);
        return
        [
            .. Loads
                .Where(item => !isBaseline || item.Operation == Operation)
                .Select(item => (
                    new SampleKey(item.Operation, subject.Name, item.Callers),
                    item.Operation == Operation ? load : sharedKey)),
        ];

        ClaimLoad CreateLoad(List<BenchmarkWorker> claimers) =>
            new([subject.Process], CreatePlan(claimers, [subject.Process.Port]), ready);
    }

    /// <summary>Claims of the workers, one caller for each.</summary>
    public static LoadPlan CreatePlan(List<BenchmarkWorker> workers, IReadOnlyList<int> ports)
    {
        var requests = workers.ConvertAll(worker => worker.ClaimRequest(BenchmarkWorker.LongLeaseSeconds, WaitSeconds));
        return new LoadPlan(ports, requests[0], _ => 0, ExpectedStatus: 200)
        {
            CallerRequests = requests,
            MinResponseBytes = MinClaimedBytes,
        };
    }

    private async Task<BenchmarkSubject> Start(string name, CancellationToken cancellationToken)
    {
        var services = await environment.CreateVirtualHost($"claims-{name}");
        return await BenchmarkSubject.Start(
            new SubjectOptions(name, services) { Database = $"claims_{name.Replace('-', '_')}" }, cancellationToken);
    }
}
