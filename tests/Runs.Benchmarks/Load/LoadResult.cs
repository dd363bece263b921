namespace Runs.Benchmarks.Load;

/// <summary>What came of it.</summary>
internal sealed record LoadResult
{
    /// <summary>How long was measured, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Milliseconds of each good answer that came while it was measured, in order of size.</summary>
    public required IReadOnlyList<double> Latencies { get; init; }

    /// <summary>Good answers, with those of the time before it was measured: what all costs are divided by.</summary>
    public required long SucceededTotal { get; init; }

    /// <summary>429 and 503 while it was measured.</summary>
    public required long Rejected { get; init; }

    /// <summary>Those of them that said when to ask again.</summary>
    public required long RejectedWithRetryAfter { get; init; }

    /// <summary>Any other answer at any time, and connections that broke.</summary>
    public required long Failed { get; init; }

    /// <summary>Seconds of processor time that the callers themselves used, with those of the time before it was measured.</summary>
    public required double CallerCpuSeconds { get; init; }

    public double PerSecond => Latencies.Count / Seconds;

    public double Percentile(double quantile) => Latencies.Count == 0 ? double.NaN : Latencies[(int)Math.Ceiling(quantile * Latencies.Count) - 1];
}
