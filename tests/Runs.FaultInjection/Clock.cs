using System.Diagnostics;

namespace Runs.FaultInjection;

/// <summary>The one clock of a torture: seconds since the program began, never backwards.</summary>
internal static class Clock
{
    private static readonly long StartTimestamp = Stopwatch.GetTimestamp();

    public static double ElapsedSeconds => Stopwatch.GetElapsedTime(StartTimestamp).TotalSeconds;
}
