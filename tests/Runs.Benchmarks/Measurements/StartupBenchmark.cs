using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Measurements;

/// <summary>From the start of the process to the first 202, on a store that has its indexes.</summary>
internal static class StartupBenchmark
{
    public static async Task<Dictionary<string, List<double>>> Measure(BenchmarkOptions options, ServiceEndpoints rig, CancellationToken cancellationToken)
    {
        string[] names = [BenchmarkTarget.RunsEmbedded, BenchmarkTarget.RunsServer, BenchmarkTarget.MassTransitDefaults, BenchmarkTarget.Baseline];
        var seconds = names.ToDictionary(name => name, _ => new List<double>());
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var name in names)
            {
                await using var subject = await BenchmarkTarget.Start(name, rig, cancellationToken, $"starts_{name}");
                if (round >= 0)
                {
                    seconds[name].Add(subject.Process.StartupDuration.TotalSeconds);
                    Progress.Write($"{name} started in {subject.Process.StartupDuration.TotalSeconds:0.00} s");
                }
            }
        }

        return seconds;
    }
}
