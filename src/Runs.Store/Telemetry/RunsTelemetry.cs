using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Runs.Store;

/// <summary>
/// The source of the service's spans and the meter of its metrics, which have the same name. docs/operations.md lists
/// them. Nothing is measured without a listener.
/// </summary>
public static class RunsTelemetry
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "Runs";

    /// <summary>The bounds of durations of requests and messages, in seconds.</summary>
    public static readonly InstrumentAdvice<double> Fast = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>The bounds of durations of runs, in seconds: up to seven days.</summary>
    public static readonly InstrumentAdvice<double> Slow = new()
    {
        HistogramBucketBoundaries = [0.1, 1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800],
    };

    /// <summary>Starts the service's spans.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>The meter of a host.</summary>
    public static Meter GetMeter(this IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        return meters.Create(Name);
    }
}
