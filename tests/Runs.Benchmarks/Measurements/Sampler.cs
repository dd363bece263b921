using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>Measures a load and its costs.</summary>
internal sealed class Sampler(Container broker, Container store)
{
    /// <summary>
    /// Applies the load and waits until the target is idle. What the target does after the last response is part of the
    /// cost.
    /// </summary>
    public async Task<Sample> Take(
        BenchmarkTarget target,
        LoadPlan plan,
        int callers,
        TimeSpan warmUp,
        TimeSpan window,
        CancellationToken cancellationToken)
    {
        target.Process.ResetPeakMemory();
        var (allocatedBefore, pausesBefore) = await target.Process.ReadCounters();
        var serverCpu = target.Process.CpuSeconds;
        var (brokerCpu, storeCpu) = (await broker.GetCpuSeconds(), await store.GetCpuSeconds());
        var load = await LoadGenerator.Run(plan, callers, warmUp, window, cancellationToken);
        var catchUp = await target.Process.WaitUntilIdle(cancellationToken);
        var (allocated, pauses) = await target.Process.ReadCounters();
        return new Sample
        {
            Target = target.Name,
            Callers = callers,
            Load = load,
            ServerCpuSeconds = target.Process.CpuSeconds - serverCpu,
            BrokerCpuSeconds = await broker.GetCpuSeconds() - brokerCpu,
            StoreCpuSeconds = await store.GetCpuSeconds() - storeCpu,
            AllocatedBytes = allocated - allocatedBefore,
            GcPauseMilliseconds = pauses - pausesBefore,
            PeakMemoryBytes = target.Process.PeakMemory,
            CatchUpSeconds = catchUp.TotalSeconds,
        };
    }
}
