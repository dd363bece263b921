using System.Diagnostics;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>Measures loads and their costs.</summary>
/// <param name="brokers">The nodes of the broker.</param>
/// <param name="store">The store.</param>
internal sealed class Sampler(IReadOnlyList<Container> brokers, Container store)
{
    /// <summary>
    /// Applies the load and waits until the subject is idle. What the subject does after the last response is part of
    /// the cost.
    /// </summary>
    /// <param name="key">What is measured.</param>
    /// <param name="processes">The processes of the subject.</param>
    /// <param name="plan">The load.</param>
    /// <param name="warmUp">How long the load lasts before the measured window.</param>
    /// <param name="window">The measured window.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    public async Task<Sample> Take(
        SampleKey key,
        IReadOnlyList<SubjectProcess> processes,
        LoadPlan plan,
        TimeSpan warmUp,
        TimeSpan window,
        CancellationToken cancellationToken)
    {
        foreach (var process in processes)
        {
            process.ResetPeakMemory();
        }

        var before = await ReadCounters(processes);
        var watch = Stopwatch.StartNew();
        var load = await LoadGenerator.Run(plan, key.Callers, warmUp, window, cancellationToken);
        var loadDuration = watch.Elapsed;
        var catchUp = await Task.WhenAll(processes.Select(process => process.WaitUntilIdle(cancellationToken)));
        var after = await ReadCounters(processes);
        return new Sample
        {
            Key = key,
            Load = load,
            ElapsedSeconds = (loadDuration + catchUp.Max()).TotalSeconds,
            ServerCpuSeconds = after.ServerCpu - before.ServerCpu,
            BrokerCpuSeconds = after.BrokerCpu - before.BrokerCpu,
            StoreCpuSeconds = after.StoreCpu - before.StoreCpu,
            AllocatedBytes = after.Allocated - before.Allocated,
            GcPauseMilliseconds = after.Pauses - before.Pauses,
            PeakMemoryBytes = processes.Max(process => process.PeakMemory),
            CatchUpSeconds = catchUp.Max().TotalSeconds,
        };
    }

    private async Task<Counters> ReadCounters(IReadOnlyList<SubjectProcess> processes)
    {
        var counters = await Task.WhenAll(processes.Select(process => process.ReadCounters()));
        var brokerCpu = 0.0;
        foreach (var broker in brokers)
        {
            brokerCpu += await broker.GetCpuSeconds();
        }

        return new Counters(
            processes.Sum(process => process.CpuSeconds),
            brokerCpu,
            await store.GetCpuSeconds(),
            counters.Sum(counter => counter.Allocated),
            counters.Sum(counter => counter.PauseMilliseconds));
    }

    private sealed record Counters(double ServerCpu, double BrokerCpu, double StoreCpu, long Allocated, double Pauses);
}
