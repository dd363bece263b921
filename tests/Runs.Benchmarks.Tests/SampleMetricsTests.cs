using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Reporting;

namespace Runs.Benchmarks.Tests;

public sealed class SampleMetricsTests
{
    [Fact]
    public void Pauses_of_the_garbage_collector_are_divided_by_the_measured_time()
    {
        var sample = TestSamples.Create(new SampleKey("create", "runs", 64), perSecond: 100) with
        {
            GcPauseMilliseconds = 30,
            ElapsedSeconds = 4,
        };

        Assert.Equal(7.5, SampleMetrics.GcPauses(sample));
    }
}
