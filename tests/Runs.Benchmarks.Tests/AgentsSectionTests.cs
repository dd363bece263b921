using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Reporting;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Tests;

public sealed class AgentsSectionTests
{
    [Fact]
    public void Failed_requests_streams_and_lives_are_shown()
    {
        var latencies = LatencyHistogram.FromMilliseconds([10]);
        var life = new AgentLifeResult(1, latencies, new Dictionary<string, LatencyHistogram> { ["create"] = latencies });
        life.RecordFailure();
        life.RecordFailure();
        var results = new BenchmarkResults { Agents = [CreateLoad(latencies)], AgentLives = [life] };

        var markdown = AgentsSection.Format(results);

        Assert.Contains("| rejected | failed | failed streams |", markdown, StringComparison.Ordinal);
        Assert.Contains("| 0 | 5 | 3 |", markdown, StringComparison.Ordinal);
        Assert.Matches(@"\| life \|.*\| 2 \|\n", markdown.ReplaceLineEndings("\n"));
    }

    private static AgentLoadResult CreateLoad(LatencyHistogram latencies) => new()
    {
        Subject = "runs",
        Agents = 100,
        Streams = 10,
        Appends = new LoadResult
        {
            Seconds = 1,
            Latencies = latencies,
            SucceededTotal = 1,
            Rejected = 0,
            RejectedWithRetryAfter = 0,
            Failed = 5,
            CallerCpuSeconds = 0.1,
        },
        Deliveries = latencies,
        FailedStreams = 3,
        BytesAtStart = 100_000_000,
        BytesAtEnd = 100_000_000,
        ServerCpuSeconds = 0.5,
    };
}
