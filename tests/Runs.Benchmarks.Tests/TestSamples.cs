using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Tests;

/// <summary>Creates samples.</summary>
internal static class TestSamples
{
    /// <summary>A sample of one second whose requests all have the same latency.</summary>
    public static Sample Create(SampleKey key, int perSecond, double milliseconds = 10) => new()
    {
        Key = key,
        Load = new LoadResult
        {
            Seconds = 1,
            Latencies = LatencyHistogram.FromMilliseconds(Enumerable.Repeat(milliseconds, perSecond)),
            SucceededTotal = perSecond,
            Rejected = 0,
            RejectedWithRetryAfter = 0,
            Failed = 0,
            CallerCpuSeconds = 0.1,
        },
        ElapsedSeconds = 2,
        ServerCpuSeconds = 0.5,
        BrokerCpuSeconds = 0.2,
        StoreCpuSeconds = 0.3,
        AllocatedBytes = 1024L * perSecond,
        GcPauseMilliseconds = 1,
        PeakMemoryBytes = 200_000_000,
        CatchUpSeconds = 0,
    };
}
