using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Tests;

public sealed class StoreTrafficTests
{
    [Fact]
    public void Only_commands_within_the_time_count_and_writes_are_separate()
    {
        var before = new Dictionary<string, long> { ["find runs"] = 10, ["find workers"] = 5 };
        var after = new Dictionary<string, long> { ["update runs"] = 4, ["find runs"] = 30, ["find workers"] = 5 };

        var traffic = StoreTraffic.Between(before, after, seconds: 2);

        Assert.Equal((10, 2, 12), (traffic.ReadsPerSecond, traffic.WritesPerSecond, traffic.CallsPerSecond));
        Assert.Equal(["find runs", "update runs"], traffic.Counts.Keys);
        Assert.Equal((10, 0), (traffic.PerSecond("find runs"), traffic.PerSecond("find schedules")));
    }
}
