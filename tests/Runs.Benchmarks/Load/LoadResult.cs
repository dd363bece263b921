using Runs.TestEnvironment;

namespace Runs.Benchmarks.Load;

/// <summary>The responses to a load.</summary>
internal sealed record LoadResult
{
    /// <summary>The length of the measured window in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>The latencies of the successful responses within the measured window.</summary>
    public required LatencyHistogram Latencies { get; init; }

    /// <summary>
    /// All successful responses, including those before the measured window. Costs are divided by it.
    /// </summary>
    public required long SucceededTotal { get; init; }

    /// <summary>The responses 429 and 503 within the measured window.</summary>
    public required long Rejected { get; init; }

    /// <summary>Those of <see cref="Rejected"/> with Retry-After.</summary>
    public required long RejectedWithRetryAfter { get; init; }

    /// <summary>All other responses at any time, and broken connections.</summary>
    public required long Failed { get; init; }

    /// <summary>The processor time of the callers in seconds, including the time before the measured window.</summary>
    public required double CallerCpuSeconds { get; init; }

    public double PerSecond => Latencies.Count / Seconds;

    /// <summary>In milliseconds; NaN when there was no successful response.</summary>
    public double Percentile(double quantile) => Latencies.Percentile(quantile);
}
