using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures creates on several processes: deployments of different sizes on one machine, each with its virtual host and
/// database, in turns.
/// </summary>
internal sealed class ScaleOutBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private const int Callers = 256;

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(1);

    /// <summary>The numbers of processes of each role; the first deployment is the reference.</summary>
    public static IReadOnlyList<(int Api, int Lifecycle)> Deployments { get; } = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)];

    public static SampleKey CreateKey((int Api, int Lifecycle) deployment) =>
        new($"create, {deployment.Api} api and {deployment.Lifecycle} lifecycle", BenchmarkSubject.RunsServer, Callers);

    public async Task<SampleSet> Measure(CancellationToken cancellationToken)
    {
        var deployments = new List<Deployment>();
        try
        {
            foreach (var size in Deployments)
            {
                Progress.Write($"start {size.Api} api and {size.Lifecycle} lifecycle processes");
                var deployment = new Deployment(CreateKey(size), []);
                deployments.Add(deployment);
                await Start(deployment, size, cancellationToken);
                await WarmUp.Run(deployment.CreatePlan(size.Api), deployment.Processes, options, cancellationToken);
            }

            var samples = new SampleSet();
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var (deployment, size) in deployments.Zip(Deployments))
                {
                    var sample = await environment.Sampler.Take(
                        deployment.Key,
                        deployment.Processes,
                        deployment.CreatePlan(size.Api),
                        WarmUpBeforeSample,
                        options.SampleDuration,
                        cancellationToken);
                    samples.Add(sample);
                    Progress.Report(sample, round);
                }
            }

            return samples;
        }
        finally
        {
            foreach (var subject in deployments.SelectMany(deployment => deployment.Subjects))
            {
                await subject.DisposeAsync();
            }
        }
    }

    private async Task Start(Deployment deployment, (int Api, int Lifecycle) size, CancellationToken cancellationToken)
    {
        var services = await environment.CreateVirtualHost($"scale-out-{size.Api}-{size.Lifecycle}");
        foreach (var role in Enumerable.Repeat("api", size.Api).Concat(Enumerable.Repeat("lifecycle", size.Lifecycle)))
        {
            var subjectOptions = new SubjectOptions(BenchmarkSubject.RunsServer, services)
            {
                Database = $"scale_out_{size.Api}_{size.Lifecycle}",
                Readiness = Readiness.Health,
                Settings = new Dictionary<string, string?> { ["Role"] = role },
            };
            deployment.Subjects.Add(await BenchmarkSubject.Start(subjectOptions, cancellationToken));
        }
    }

    /// <summary>Processes that share a virtual host and a database; those with the api come first.</summary>
    private sealed record Deployment(SampleKey Key, List<BenchmarkSubject> Subjects)
    {
        public IReadOnlyList<SubjectProcess> Processes => [.. Subjects.Select(subject => subject.Process)];

        public LoadPlan CreatePlan(int apiCount) =>
            Subjects[0].CreatePlan with { Ports = [.. Subjects.Take(apiCount).Select(subject => subject.Process.Port)] };
    }
}
