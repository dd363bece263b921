using System.Diagnostics;
using System.Globalization;

namespace Runs.FaultInjection;

/// <summary>
/// The monotonic clock of all records: seconds since the program started. The processes of workers continue the clock
/// of the program that has started them, so that their records have the same times.
/// </summary>
internal static class Clock
{
    /// <summary>The variable that gives a worker process the start of the clock.</summary>
    public const string StartVariable = "RUNS_CLOCK_START";

    private static readonly long StartTimestamp =
        long.TryParse(Environment.GetEnvironmentVariable(StartVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? start
            : Stopwatch.GetTimestamp();

    public static double ElapsedSeconds => Stopwatch.GetElapsedTime(StartTimestamp).TotalSeconds;

    /// <summary>The value of <see cref="StartVariable"/> for a process that continues this clock.</summary>
    public static string Start => StartTimestamp.ToString(CultureInfo.InvariantCulture);
}
