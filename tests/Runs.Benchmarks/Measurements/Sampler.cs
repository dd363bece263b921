using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>Takes samples.</summary>
internal sealed class Sampler(Container broker, Container store)
{
    /// <summary>Lets callers ask a subject, then waits until it has nothing left to do. What it does after the last answer is part of its cost.</summary>
    public async Task<Sample> Take(BenchmarkTarget target, LoadPlan plan, int callers, TimeSpan warmUp, TimeSpan window, CancellationToken cancellationToken)
    {
        target.Process.ResetPeakMemory();
        var (allocated, pauses) = await target.Process.ReadCounters();
        var (server, brokerCpu, storeCpu) = (target.Process.CpuSeconds, await broker.GetCpuSeconds(), await store.GetCpuSeconds());
        var load = await LoadGenerator.Run(plan, callers, warmUp, window, cancellationToken);
        var catchUp = await target.Process.WaitUntilIdle(cancellationToken);
        var (allocatedAfter, pausesAfter) = await target.Process.ReadCounters();
        return new Sample
        {
            Target = target.Name,
            Callers = callers,
            Load = load,
            ServerCpuSeconds = target.Process.CpuSeconds - server,
            BrokerCpuSeconds = await broker.GetCpuSeconds() - brokerCpu,
            StoreCpuSeconds = await store.GetCpuSeconds() - storeCpu,
            AllocatedBytes = allocatedAfter - allocated,
            GcPauseMilliseconds = pausesAfter - pauses,
            PeakMemoryBytes = target.Process.PeakMemory,
            CatchUpSeconds = catchUp.TotalSeconds,
        };
    }
}
