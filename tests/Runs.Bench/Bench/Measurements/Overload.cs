using Runs.Bench.Bench.Load;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Measurements;

/// <summary>Five times as many creates as can be served, asked at an even pace by ten times as many callers.</summary>
/// <param name="Normal">As many callers as a busy day has, 256, each asking again once it was answered.</param>
/// <param name="Asked">Creates per second that were asked for.</param>
/// <param name="Over">What came of them.</param>
/// <param name="NormalMemory">Bytes at most, in the normal time.</param>
/// <param name="OverMemory">Bytes at most, in the overload.</param>
internal sealed record OverloadResult(LoadResult Normal, double Asked, LoadResult Over, long NormalMemory, long OverMemory)
{
    private const int NormalCallers = 256;
    private const int OverCallers = 2560;
    private const int Times = 5;

    public static async Task<OverloadResult> Measure(BenchOptions options, Rig rig, CancellationToken cancellationToken)
    {
        await using var ours = await Subject.Start(Subject.Ours, rig, cancellationToken, "overload_ours");
        await WarmUp.Run(ours, options, cancellationToken);

        ours.Process.ForgetPeak();
        var normal = await LoadGenerator.Run(ours.Creates, NormalCallers, TimeSpan.FromSeconds(1), 2 * options.Window, cancellationToken);
        var normalMemory = ours.Process.PeakMemory;
        await ours.Process.IsQuiet(cancellationToken);

        ours.Process.ForgetPeak();
        var asked = Times * normal.PerSecond;
        var over = await LoadGenerator.Run(
            ours.Creates with { Interval = TimeSpan.FromSeconds(OverCallers / asked) }, OverCallers, TimeSpan.FromSeconds(2), 2 * options.Window, cancellationToken);
        Progress.Say($"overload: {over.PerSecond:0}/s accepted, {over.Refused / over.Seconds:0}/s refused, {over.Failed} failed");
        return new OverloadResult(normal, asked, over, normalMemory, ours.Process.PeakMemory);
    }
}
