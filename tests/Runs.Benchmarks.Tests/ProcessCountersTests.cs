using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Tests;

public sealed class ProcessCountersTests
{
    [Fact]
    public void A_line_of_a_process_is_read() =>
        Assert.Equal(new ProcessCounters(5_000_000_000, 12.5, 300, 20), ProcessCounters.Parse("5000000000 12.5 300 20"));
}
