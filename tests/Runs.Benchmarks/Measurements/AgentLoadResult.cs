using Runs.Benchmarks.Load;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>A measured window of <see cref="AgentLoad"/>.</summary>
internal sealed record AgentLoadResult
{
    public required string Subject { get; init; }

    public required int Agents { get; init; }

    public required int Streams { get; init; }

    /// <summary>The appends. Latencies are measured from the time at which they were due.</summary>
    public required LoadResult Appends { get; init; }

    /// <summary>From the time at which an append was due until a stream had its event.</summary>
    public required LatencyHistogram Deliveries { get; init; }

    /// <summary>The streams that broke or ended within the window. Later windows miss their events.</summary>
    public required int FailedStreams { get; init; }

    /// <summary>The resident memory of the server at the beginning of the window.</summary>
    public required long BytesAtStart { get; init; }

    public required long BytesAtEnd { get; init; }

    public required double ServerCpuSeconds { get; init; }
}
