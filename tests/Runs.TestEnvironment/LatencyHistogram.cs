using HdrHistogram;

namespace Runs.TestEnvironment;

/// <summary>
/// Latencies in an HdrHistogram with three significant digits, in units of 100 ns. Each latency is recorded as it was
/// measured: there is no correction for requests that were sent late. Any number of threads can record at the same
/// time.
/// </summary>
public sealed class LatencyHistogram
{
    private const long MaxTicks = TimeSpan.TicksPerHour;

    private readonly LongConcurrentHistogram _histogram = new(1, MaxTicks, numberOfSignificantValueDigits: 3);

    public long Count => _histogram.TotalCount;

    public static LatencyHistogram FromSeconds(IEnumerable<double> latencies)
    {
        var histogram = new LatencyHistogram();
        foreach (var latency in latencies)
        {
            histogram.Record(TimeSpan.FromSeconds(latency));
        }

        return histogram;
    }

    public static LatencyHistogram FromMilliseconds(IEnumerable<double> latencies) =>
        FromSeconds(latencies.Select(latency => latency / 1000));

    public void Record(TimeSpan latency) => _histogram.RecordValue(Math.Clamp(latency.Ticks, 1, MaxTicks));

    /// <summary>
    /// The latency in milliseconds that the given share of all latencies does not exceed; NaN if there is none.
    /// </summary>
    /// <param name="quantile">The share, from 0 to 1.</param>
    public double Percentile(double quantile) => Count == 0
        ? double.NaN
        : TimeSpan.FromTicks(_histogram.GetValueAtPercentile(100 * quantile)).TotalMilliseconds;
}
