using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Requests five times as many creates as the server can process, at an even pace, from ten times as many callers.
/// </summary>
internal static class OverloadBenchmark
{
    private const int NormalCallers = 256;
    private const int OverloadCallers = 2560;
    private const int OverloadFactor = 5;

    public static async Task<OverloadResult> Measure(
        BenchmarkOptions options,
        ServiceEndpoints services,
        CancellationToken cancellationToken)
    {
        await using var target = await BenchmarkTarget.Start(
            BenchmarkTarget.RunsServer, services, cancellationToken, "overload_ours");
        await WarmUp.Run(target, options, cancellationToken);

        var window = 2 * options.SampleDuration;
        target.Process.ResetPeakMemory();
        var normal = await LoadGenerator.Run(
            target.CreatePlan, NormalCallers, warmUp: TimeSpan.FromSeconds(1), window, cancellationToken);
        var normalMemory = target.Process.PeakMemory;
        await target.Process.WaitUntilIdle(cancellationToken);

        target.Process.ResetPeakMemory();
        var requestedPerSecond = OverloadFactor * normal.PerSecond;
        var plan = target.CreatePlan with { Interval = TimeSpan.FromSeconds(OverloadCallers / requestedPerSecond) };
        var overloaded = await LoadGenerator.Run(
            plan, OverloadCallers, warmUp: TimeSpan.FromSeconds(2), window, cancellationToken);
        var rejectedPerSecond = overloaded.Rejected / overloaded.Seconds;
        Progress.Write(
            $"overload: {overloaded.PerSecond:0}/s accepted, {rejectedPerSecond:0}/s rejected, {overloaded.Failed} failed");
        return new OverloadResult(normal, requestedPerSecond, overloaded, normalMemory, target.Process.PeakMemory);
    }
}
