using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Targets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures the time from the start of the process to the first 202, on a store that has its indexes.
/// </summary>
internal static class StartupBenchmark
{
    private static readonly string[] Targets =
    [
        BenchmarkTarget.RunsEmbedded,
        BenchmarkTarget.RunsServer,
        BenchmarkTarget.MassTransitDefaults,
        BenchmarkTarget.Baseline,
    ];

    public static async Task<Dictionary<string, List<double>>> Measure(
        BenchmarkOptions options,
        ServiceEndpoints services,
        CancellationToken cancellationToken)
    {
        var seconds = Targets.ToDictionary(name => name, _ => new List<double>());
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var name in Targets)
            {
                await using var target = await BenchmarkTarget.Start(name, services, cancellationToken, $"starts_{name}");
                if (round >= 0)
                {
                    var duration = target.Process.StartupDuration.TotalSeconds;
                    seconds[name].Add(duration);
                    Progress.Write($"{name} started in {duration:0.00} s");
                }
            }
        }

        return seconds;
    }
}
