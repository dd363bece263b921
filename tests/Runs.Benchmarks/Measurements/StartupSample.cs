namespace Runs.Benchmarks.Measurements;

/// <summary>The start of one new process and its first creates. What was not measured is NaN.</summary>
internal sealed record StartupSample
{
    public required string Subject { get; init; }

    /// <summary>
    /// From the start of the process until it is ready, in seconds: until its health endpoint says that it accepts
    /// commands, or until its first 202 if it has no such endpoint.
    /// </summary>
    public required double ReadySeconds { get; init; }

    /// <summary>The latency of the first create after the process was ready, in milliseconds.</summary>
    public double FirstCreateMilliseconds { get; init; } = double.NaN;

    /// <summary>The median latency of the creates around the hundredth, of the same caller, in milliseconds.</summary>
    public double HundredthCreateMilliseconds { get; init; } = double.NaN;

    /// <summary>The rate of the first 20,000 creates.</summary>
    public double FirstCreatesPerSecond { get; init; } = double.NaN;

    /// <summary>The rate after them.</summary>
    public double WarmCreatesPerSecond { get; init; } = double.NaN;

    public double FirstCreateRatio => FirstCreateMilliseconds / HundredthCreateMilliseconds;

    /// <summary>How many times as fast the warm server is.</summary>
    public double WarmRateRatio => WarmCreatesPerSecond / FirstCreatesPerSecond;
}
