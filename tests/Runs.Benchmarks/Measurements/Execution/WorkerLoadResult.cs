using Runs.Benchmarks.Load;
using Runs.Benchmarks.Statistics;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>A load of workers on a server.</summary>
internal sealed record WorkerLoadResult
{
    /// <summary>What the workers do, as in the table.</summary>
    public required string Name { get; init; }

    public required int Workers { get; init; }

    /// <summary>The runs that each worker holds.</summary>
    public required int RunsPerWorker { get; init; }

    /// <summary>The requests of the whole load; null without workers.</summary>
    public LoadResult? Load { get; init; }

    /// <summary>The resident memory of the server before the load.</summary>
    public required long BytesAtStart { get; init; }

    /// <summary>The server during the load, in each round.</summary>
    public required IReadOnlyList<ServerWindow> Windows { get; init; }

    /// <summary>How much the resident memory has grown by the end of the last window.</summary>
    public double MegabytesMore => (Windows[^1].Bytes - BytesAtStart) / 1e6;

    /// <summary>The median of a metric over the windows.</summary>
    public double Median(Func<ServerWindow, double> metric) => Windows.Select(metric).Median();
}
