using Runs.Benchmarks.Measurements;

namespace Runs.Benchmarks.Reporting;

/// <summary>
/// The figures of a sample. Costs are per request, and include the requests before the measured window.
/// </summary>
internal static class SampleMetrics
{
    public static double PerSecond(Sample sample) => sample.Load.PerSecond;

    /// <summary>In milliseconds.</summary>
    public static double P50(Sample sample) => sample.Load.Percentile(0.5);

    /// <summary>In milliseconds.</summary>
    public static double P95(Sample sample) => sample.Load.Percentile(0.95);

    /// <summary>In milliseconds.</summary>
    public static double P99(Sample sample) => sample.Load.Percentile(0.99);

    /// <summary>Seconds of one core per 1,000 requests.</summary>
    public static double ServerCpu(Sample sample) => PerThousand(sample, sample.ServerCpuSeconds);

    /// <summary>Seconds of one core per 1,000 requests.</summary>
    public static double BrokerCpu(Sample sample) => PerThousand(sample, sample.BrokerCpuSeconds);

    /// <summary>Seconds of one core per 1,000 requests.</summary>
    public static double StoreCpu(Sample sample) => PerThousand(sample, sample.StoreCpuSeconds);

    /// <summary>Seconds of one core per 1,000 requests.</summary>
    public static double CallerCpu(Sample sample) => PerThousand(sample, sample.Load.CallerCpuSeconds);

    public static double AllocatedKilobytes(Sample sample) => sample.AllocatedBytes / 1024.0 / sample.Load.SucceededTotal;

    /// <summary>Milliseconds of collections per second.</summary>
    public static double GcPauses(Sample sample) => sample.GcPauseMilliseconds / sample.ElapsedSeconds;

    public static double PeakMegabytes(Sample sample) => sample.PeakMemoryBytes / 1e6;

    public static double CatchUpSeconds(Sample sample) => sample.CatchUpSeconds;

    private static double PerThousand(Sample sample, double seconds) => 1000 * seconds / sample.Load.SucceededTotal;
}
