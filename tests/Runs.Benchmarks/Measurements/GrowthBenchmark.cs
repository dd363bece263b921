using MongoDB.Bson;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures lists, creates and appends with few runs in the store and with many: one server for each size, in turns.
/// The baseline lists the same documents.
/// </summary>
internal sealed class GrowthBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private const int RunCount = 256;

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(0.5);

    /// <summary>The first page of a project's list, by 8 callers.</summary>
    public static SampleKey List(string subject, int size) =>
        new(FormattableString.Invariant($"first page of a project, {size:N0} runs in the store"), subject, Callers: 8);

    public static SampleKey Create(int size) =>
        new(FormattableString.Invariant($"create, {size:N0} runs in the store"), BenchmarkSubject.RunsServer, Callers: 64);

    public static SampleKey Append(int size) => new(
        FormattableString.Invariant($"append {AppendBenchmark.EventsPerAppend} events, {size:N0} runs in the store"),
        BenchmarkSubject.RunsServer,
        Callers: 64);

    public async Task<SampleSet> Measure(CancellationToken cancellationToken)
    {
        var stores = new List<FilledStore>();
        try
        {
            foreach (var size in options.StoreSizes)
            {
                stores.Add(await Fill(size, cancellationToken));
            }

            var samples = new SampleSet();
            for (var round = 0; round < options.Rounds; round++)
            {
                for (var turn = 0; turn < stores.Count; turn++)
                {
                    await MeasureStore(stores[(turn + round) % stores.Count], samples, round, cancellationToken);
                }
            }

            return samples;
        }
        finally
        {
            foreach (var store in stores)
            {
                await store.Server.DisposeAsync();
                await store.Baseline.DisposeAsync();
            }
        }
    }

    private async Task<FilledStore> Fill(int size, CancellationToken cancellationToken)
    {
        var services = await environment.CreateVirtualHost(FormattableString.Invariant($"growth-{size}"));
        var database = FormattableString.Invariant($"growth_{size}");
        var server = await BenchmarkSubject.Start(
            new SubjectOptions(BenchmarkSubject.RunsServer, services) { Database = database },
            cancellationToken);
        Progress.Write($"put {size} runs into the store");
        await StoredRuns.Insert(services.GetDatabase(database).GetCollection<BsonDocument>("runs"), size, cancellationToken);
        var baseline = await BenchmarkSubject.Start(
            new SubjectOptions(BenchmarkSubject.BaselineWithoutBroker, services)
            {
                Database = database,
                Readiness = new Readiness(BenchmarkSubject.ListRequest, 200),
            },
            cancellationToken);
        Progress.Write($"warm up");
        await WarmUp.Run(server, options, cancellationToken);
        return new FilledStore(size, server, baseline, new RunningRuns(server, RunCount));
    }

    private async Task MeasureStore(FilledStore store, SampleSet samples, int round, CancellationToken cancellationToken)
    {
        await store.Runs.Create(cancellationToken);
        await store.Server.Process.WaitUntilIdle(cancellationToken);
        await Take(List(BenchmarkSubject.BaselineWithoutBroker, store.Size), store.Baseline, CreateListPlan(store.Baseline));
        await Take(List(BenchmarkSubject.RunsServer, store.Size), store.Server, CreateListPlan(store.Server));
        await Take(Create(store.Size), store.Server, store.Server.CreatePlan);
        var append = Append(store.Size);
        await Take(append, store.Server, store.Runs.CreateAppendPlan(append.Callers, AppendBenchmark.EventsPerAppend));

        async Task Take(SampleKey key, BenchmarkSubject subject, LoadPlan plan)
        {
            var sample = await environment.Sampler.Take(
                key, [subject.Process], plan, WarmUpBeforeSample, options.SampleDuration, cancellationToken);
            samples.Add(sample);
            Progress.Report(sample, round);
        }
    }

    private static LoadPlan CreateListPlan(BenchmarkSubject subject) =>
        new([subject.Process.Port], BenchmarkSubject.ListRequest, _ => 0, ExpectedStatus: 200);

    private sealed record FilledStore(int Size, BenchmarkSubject Server, BenchmarkSubject Baseline, RunningRuns Runs);
}
