using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Load before the first sample: for a time, and for so many creates that the runtime has compiled for good what they pass through. The more code, the
/// longer that takes: a server that is fast at once would otherwise be compared with one that is still being compiled.
/// </summary>
internal static class WarmUp
{
    private const int Callers = 64;
    private const int Chunks = 5;
    private const int MaxChunks = 30;

    public static async Task<LoadResult> Run(BenchmarkTarget target, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        LoadResult? all = null;
        for (var piece = 0; piece < Chunks || (all!.SucceededTotal < options.MinWarmUpCreates && piece < MaxChunks); piece++)
        {
            var load = await LoadGenerator.Run(target.CreatePlan, Callers, options.WarmUpDuration / Chunks, TimeSpan.Zero, cancellationToken);
            all = load with { SucceededTotal = load.SucceededTotal + (all?.SucceededTotal ?? 0), Failed = load.Failed + (all?.Failed ?? 0) };
        }

        await target.Process.WaitUntilIdle(cancellationToken);
        return all!;
    }
}
