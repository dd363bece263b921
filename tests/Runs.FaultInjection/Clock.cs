using System.Diagnostics;

namespace Runs.FaultInjection;

/// <summary>The monotonic clock of all records: seconds since the program started.</summary>
internal static class Clock
{
    private static readonly long StartTimestamp = Stopwatch.GetTimestamp();

    public static double ElapsedSeconds => Stopwatch.GetElapsedTime(StartTimestamp).TotalSeconds;
}
