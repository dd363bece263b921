using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Load before the first sample: for a time, and for so many creates that the runtime has finished the tiered
/// compilation of the code on their path. The more code, the longer that takes: otherwise a server that is fast at once
/// would be compared with one that is still being compiled.
/// </summary>
internal static class WarmUp
{
    private const int Callers = 64;
    private const int Chunks = 5;
    private const int MaxChunks = 30;

    public static Task<LoadResult> Run(BenchmarkSubject subject, BenchmarkOptions options, CancellationToken cancellationToken) =>
        Run(subject.CreatePlan, [subject.Process], options, cancellationToken);

    public static async Task<LoadResult> Run(
        LoadPlan plan,
        IReadOnlyList<SubjectProcess> processes,
        BenchmarkOptions options,
        CancellationToken cancellationToken)
    {
        LoadResult? total = null;
        for (var chunk = 0; chunk < Chunks || (total!.SucceededTotal < options.MinWarmUpCreates && chunk < MaxChunks); chunk++)
        {
            var duration = options.WarmUpDuration / Chunks;
            var load = await LoadGenerator.Run(plan, Callers, duration, TimeSpan.Zero, cancellationToken);
            total = load with
            {
                SucceededTotal = load.SucceededTotal + (total?.SucceededTotal ?? 0),
                Failed = load.Failed + (total?.Failed ?? 0),
            };
        }

        await Task.WhenAll(processes.Select(process => process.WaitUntilIdle(cancellationToken)));
        return total!;
    }
}
