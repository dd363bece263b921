using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Measurements;

/// <summary>A load on a subject and its costs.</summary>
internal sealed record Sample
{
    public required SampleKey Key { get; init; }

    public required LoadResult Load { get; init; }

    /// <summary>
    /// From the start of the load, its warm-up included, until the server was idle. All costs were caused in this time.
    /// </summary>
    public required double ElapsedSeconds { get; init; }

    /// <summary>Processor time in seconds, of all processes of the subject.</summary>
    public required double ServerCpuSeconds { get; init; }

    public required double BrokerCpuSeconds { get; init; }

    public required double StoreCpuSeconds { get; init; }

    public required long AllocatedBytes { get; init; }

    /// <summary>How long the garbage collector paused the server.</summary>
    public required double GcPauseMilliseconds { get; init; }

    /// <summary>The largest resident memory of a process of the subject.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>How long the server worked after the last response.</summary>
    public required double CatchUpSeconds { get; init; }
}
