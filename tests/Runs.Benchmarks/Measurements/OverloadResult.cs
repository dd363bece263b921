using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Measurements;

/// <summary>Five times as many creates as can be served, asked at an even pace by ten times as many callers.</summary>
/// <param name="Normal">As many callers as a busy day has, 256, each asking again once it was answered.</param>
/// <param name="RequestedPerSecond">Creates per second that were asked for.</param>
/// <param name="Overloaded">What came of them.</param>
/// <param name="NormalPeakMemory">Bytes at most, in the normal time.</param>
/// <param name="OverloadedPeakMemory">Bytes at most, in the overload.</param>
internal sealed record OverloadResult(LoadResult Normal, double RequestedPerSecond, LoadResult Overloaded, long NormalPeakMemory, long OverloadedPeakMemory)
{
    private const int NormalCallers = 256;
    private const int OverloadCallers = 2560;
    private const int OverloadFactor = 5;

    public static async Task<OverloadResult> Measure(BenchmarkOptions options, ServiceEndpoints rig, CancellationToken cancellationToken)
    {
        await using var ours = await BenchmarkTarget.Start(BenchmarkTarget.RunsServer, rig, cancellationToken, "overload_ours");
        await WarmUp.Run(ours, options, cancellationToken);

        ours.Process.ResetPeakMemory();
        var normal = await LoadGenerator.Run(ours.CreatePlan, NormalCallers, TimeSpan.FromSeconds(1), 2 * options.SampleDuration, cancellationToken);
        var normalMemory = ours.Process.PeakMemory;
        await ours.Process.WaitUntilIdle(cancellationToken);

        ours.Process.ResetPeakMemory();
        var asked = OverloadFactor * normal.PerSecond;
        var over = await LoadGenerator.Run(
            ours.CreatePlan with { Interval = TimeSpan.FromSeconds(OverloadCallers / asked) }, OverloadCallers, TimeSpan.FromSeconds(2), 2 * options.SampleDuration, cancellationToken);
        Progress.Write($"overload: {over.PerSecond:0}/s accepted, {over.Rejected / over.Seconds:0}/s refused, {over.Failed} failed");
        return new OverloadResult(normal, asked, over, normalMemory, ours.Process.PeakMemory);
    }
}
