using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Measurements;

/// <summary>A load on a target and its costs.</summary>
internal sealed record Sample
{
    public required string Target { get; init; }

    public required int Callers { get; init; }

    public required LoadResult Load { get; init; }

    /// <summary>Processor time in seconds.</summary>
    public required double ServerCpuSeconds { get; init; }

    public required double BrokerCpuSeconds { get; init; }

    public required double StoreCpuSeconds { get; init; }

    public required long AllocatedBytes { get; init; }

    /// <summary>How long the garbage collector paused the server.</summary>
    public required double GcPauseMilliseconds { get; init; }

    public required long PeakMemoryBytes { get; init; }

    /// <summary>How long the server worked after the last response.</summary>
    public required double CatchUpSeconds { get; init; }
}
