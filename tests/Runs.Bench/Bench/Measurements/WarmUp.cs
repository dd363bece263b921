using Runs.Bench.Bench.Load;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Measurements;

/// <summary>
/// Load before the first sample: for a time, and for so many creates that the runtime has compiled for good what they pass through. The more code, the
/// longer that takes: a server that is fast at once would otherwise be compared with one that is still being compiled.
/// </summary>
internal static class WarmUp
{
    private const int Callers = 64;
    private const int Pieces = 5;
    private const int MostPieces = 30;

    public static async Task<LoadResult> Run(Subject subject, BenchOptions options, CancellationToken cancellationToken)
    {
        LoadResult? all = null;
        for (var piece = 0; piece < Pieces || (all!.AllGood < options.WarmUpCreates && piece < MostPieces); piece++)
        {
            var load = await LoadGenerator.Run(subject.Creates, Callers, options.WarmUp / Pieces, TimeSpan.Zero, cancellationToken);
            all = load with { AllGood = load.AllGood + (all?.AllGood ?? 0), Failed = load.Failed + (all?.Failed ?? 0) };
        }

        await subject.Process.IsQuiet(cancellationToken);
        return all!;
    }
}
