using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures creates on a broker of three nodes, all of them up and then one stopped, beside creates on one node, in
/// turns.
/// </summary>
internal sealed class BrokerClusterBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private const int Callers = 64;

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(1);

    public static SampleKey OneNode { get; } = CreateKey("create, one node");

    public static SampleKey ThreeNodes { get; } = CreateKey("create, three nodes");

    /// <summary>One node again, in turns with <see cref="OneNodeStopped"/>.</summary>
    public static SampleKey OneNodeLater { get; } = CreateKey("create, one node, later");

    public static SampleKey OneNodeStopped { get; } = CreateKey("create, three nodes, one of them stopped");

    /// <summary>The measurement on one node that belongs to a measurement on three.</summary>
    public static SampleKey GetReference(SampleKey key) =>
        key == ThreeNodes ? OneNode : key == OneNodeStopped ? OneNodeLater : key;

    public async Task<SampleSet> Measure(CancellationToken cancellationToken)
    {
        Progress.Write($"start a broker of three nodes");
        await using var cluster = await BrokerCluster.Start();
        await using var single = await Start(environment.Services.BrokerUrl, "broker_single", cancellationToken);
        await using var clustered = await Start(cluster.ConnectionString, "broker_cluster", cancellationToken);
        await WarmUp.Run(single, options, cancellationToken);
        await WarmUp.Run(clustered, options, cancellationToken);

        var samples = new SampleSet();
        await TakeInTurns(OneNode, single, ThreeNodes, clustered, cluster.Nodes, samples, cancellationToken);

        await cluster.WaitUntilFullyReplicated();
        await cluster.Nodes[^1].Stop();
        await WarmUp.Run(clustered, options with { MinWarmUpCreates = 0 }, cancellationToken);
        await TakeInTurns(
            OneNodeLater, single, OneNodeStopped, clustered, [.. cluster.Nodes.SkipLast(1)], samples, cancellationToken);
        return samples;
    }

    private async Task TakeInTurns(
        SampleKey singleKey,
        BenchmarkSubject single,
        SampleKey clusteredKey,
        BenchmarkSubject clustered,
        IReadOnlyList<Container> nodes,
        SampleSet samples,
        CancellationToken cancellationToken)
    {
        var clusterSampler = new Sampler(nodes, environment.Store);
        for (var round = 0; round < options.Rounds; round++)
        {
            await Take(environment.Sampler, singleKey, single);
            await Take(clusterSampler, clusteredKey, clustered);

            async Task Take(Sampler sampler, SampleKey key, BenchmarkSubject subject)
            {
                var sample = await sampler.Take(
                    key, [subject.Process], subject.CreatePlan, WarmUpBeforeSample, options.SampleDuration, cancellationToken);
                samples.Add(sample);
                Progress.Report(sample, round);
            }
        }
    }

    private static SampleKey CreateKey(string operation) => new(operation, BenchmarkSubject.RunsServer, Callers);

    private Task<BenchmarkSubject> Start(string broker, string database, CancellationToken cancellationToken) => BenchmarkSubject.Start(
        new SubjectOptions(BenchmarkSubject.RunsServer, environment.Services)
        {
            Database = database,
            Settings = new Dictionary<string, string?> { ["ConnectionStrings__RabbitMq"] = broker },
        },
        cancellationToken);
}
