using System.Diagnostics;

namespace Runs.Bench.Torture;

/// <summary>The one clock of a torture: seconds since the program began, never backwards.</summary>
internal static class Watch
{
    private static readonly long Begin = Stopwatch.GetTimestamp();

    public static double Seconds => Stopwatch.GetElapsedTime(Begin).TotalSeconds;
}
