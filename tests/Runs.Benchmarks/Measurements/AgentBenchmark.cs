using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>Measures what agents do: many that append at the same time, and complete lives.</summary>
internal sealed class AgentBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private const int LifeCallers = 64;

    /// <summary>Measures many agents, and then lives.</summary>
    public async Task<(List<AgentLoadResult> Loads, List<AgentLifeResult> Lives)> Measure(CancellationToken cancellationToken)
    {
        await using var subject = await BenchmarkSubject.Start(
            new SubjectOptions(BenchmarkSubject.RunsServer, environment.Services) { Database = "agents_runs" },
            cancellationToken);
        Progress.Write($"{options.Agents} agents that append every {AgentLoad.Interval.TotalMilliseconds} ms");
        var load = new AgentLoad(subject, options.Agents, options.Agents / 10);
        var loads = await load.Run(options.Rounds, 2 * options.SampleDuration, options.WarmUpDuration, cancellationToken);
        foreach (var appends in loads.Select(result => result.Appends))
        {
            var p99 = appends.Percentile(0.99);
            Progress.Write($"{appends.PerSecond:0} appends/s, p99 {p99:0.0} ms, {appends.Rejected} rejected, {appends.Failed} failed");
        }

        await subject.Process.WaitUntilIdle(cancellationToken);

        var lives = await new AgentLife(subject.Process.Port).Run(
            LifeCallers, options.Rounds, 2 * options.SampleDuration, options.WarmUpDuration, cancellationToken);
        foreach (var life in lives)
        {
            Progress.Write($"{life.LivesPerSecond:0.0} lives/s, {life.Failed} failed");
        }

        return (loads, lives);
    }
}
