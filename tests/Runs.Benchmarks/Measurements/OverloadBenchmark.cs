using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;
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
        await using var subject = await BenchmarkSubject.Start(
            new SubjectOptions(BenchmarkSubject.RunsServer, services) { Database = "overload_runs" },
            cancellationToken);
        await WarmUp.Run(subject, options, cancellationToken);

        var window = 2 * options.SampleDuration;
        subject.Process.ResetPeakMemory();
        var normal = await LoadGenerator.Run(
            subject.CreatePlan, NormalCallers, warmUp: TimeSpan.FromSeconds(1), window, cancellationToken);
        var normalMemory = subject.Process.PeakMemory;
        await subject.Process.WaitUntilIdle(cancellationToken);

        subject.Process.ResetPeakMemory();
        var requestedPerSecond = OverloadFactor * normal.PerSecond;
        var plan = subject.CreatePlan with { Interval = TimeSpan.FromSeconds(OverloadCallers / requestedPerSecond) };
        var overloaded = await LoadGenerator.Run(
            plan, OverloadCallers, warmUp: TimeSpan.FromSeconds(2), window, cancellationToken);
        var rejectedPerSecond = overloaded.Rejected / overloaded.Seconds;
        Progress.Write(
            $"overload: {overloaded.PerSecond:0}/s accepted, {rejectedPerSecond:0}/s rejected, {overloaded.Failed} failed");
        return new OverloadResult(normal, requestedPerSecond, overloaded, normalMemory, subject.Process.PeakMemory);
    }
}
