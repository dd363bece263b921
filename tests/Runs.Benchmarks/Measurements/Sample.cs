using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Measurements;

/// <summary>One sample: a load, and what it cost.</summary>
internal sealed record Sample
{
    public required string Target { get; init; }

    public required int Callers { get; init; }

    public required LoadResult Load { get; init; }

    /// <summary>Seconds of processor time.</summary>
    public required double ServerCpuSeconds { get; init; }

    public required double BrokerCpuSeconds { get; init; }

    public required double StoreCpuSeconds { get; init; }

    /// <summary>Bytes.</summary>
    public required long AllocatedBytes { get; init; }

    /// <summary>Milliseconds that the server stood still for its garbage collector.</summary>
    public required double GcPauseMilliseconds { get; init; }

    /// <summary>Bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Seconds of work that was put off and done after the last answer.</summary>
    public required double CatchUpSeconds { get; init; }
}
