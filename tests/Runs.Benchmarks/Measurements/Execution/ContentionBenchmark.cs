using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>
/// Counts the claims that fail because another API process was first, while several processes claim from one pool that
/// always has ready runs.
/// </summary>
internal sealed class ContentionBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private const int ApiProcesses = 2;

    private static readonly string[] Roles = [.. Enumerable.Repeat("api", ApiProcesses), "lifecycle"];

    public async Task<List<ContentionResult>> Measure(CancellationToken cancellationToken)
    {
        var services = await environment.CreateVirtualHost("claims-contention");
        var subjects = new List<BenchmarkSubject>();
        try
        {
            foreach (var role in Roles)
            {
                var subjectOptions = new SubjectOptions(BenchmarkSubject.RunsServer, services)
                {
                    Database = "claims_contention",
                    Readiness = Readiness.Health,
                    Settings = new Dictionary<string, string?> { ["Role"] = role },
                };
                subjects.Add(await BenchmarkSubject.Start(subjectOptions, cancellationToken));
            }

            return await Measure([.. subjects.Take(ApiProcesses)], subjects, cancellationToken);
        }
        finally
        {
            foreach (var subject in subjects)
            {
                await subject.DisposeAsync();
            }
        }
    }

    private async Task<List<ContentionResult>> Measure(
        List<BenchmarkSubject> apis, List<BenchmarkSubject> all, CancellationToken cancellationToken)
    {
        var processes = all.ConvertAll(subject => subject.Process);
        var workers = await BenchmarkWorker.RegisterMany(apis[0], ClaimBenchmark.ManyCallers, cancellationToken);
        var plan = ClaimBenchmark.CreatePlan(workers, apis.ConvertAll(api => api.Process.Port));
        var claims = new ClaimLoad(processes, plan, new ReadyRuns(apis[0], processes));
        await claims.WarmUp(options.WarmUpDuration, cancellationToken);
        var key = new SampleKey(
            $"claim, {ApiProcesses} api processes", BenchmarkSubject.RunsServer, ClaimBenchmark.ManyCallers);
        var results = new List<ContentionResult>();
        for (var round = 0; round < options.Rounds; round++)
        {
            var before = await ReadCounters(apis);
            var sample = await claims.Take(environment.Sampler, key, options.SampleDuration, cancellationToken);
            var after = await ReadCounters(apis);
            results.Add(new ContentionResult(
                ApiProcesses, sample.Load, after.Claims - before.Claims, after.Rejected - before.Rejected));
            Progress.Report(sample, round);
            Progress.Write($"  {results[^1].RejectedPerClaim:0.000} rejected claims for each claim");
        }

        return results;
    }

    private static async Task<(long Claims, long Rejected)> ReadCounters(List<BenchmarkSubject> apis)
    {
        var counters = await Task.WhenAll(apis.Select(api => api.Process.ReadCounters()));
        return (counters.Sum(counter => counter.Claims), counters.Sum(counter => counter.RejectedClaims));
    }
}
