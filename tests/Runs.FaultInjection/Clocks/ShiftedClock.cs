using System.Diagnostics;
using System.Globalization;

namespace Runs.FaultInjection.Clocks;

/// <summary>
/// The clock of a server whose host has the wrong time. A file has the difference in seconds, so that the program that
/// has started the server can set the clock forward and back while it runs. Durations are right, as on such a host.
/// </summary>
/// <param name="file">The file. The difference is zero while there is none.</param>
internal sealed class ShiftedClock(string file) : TimeProvider
{
    /// <summary>The variable that names the file.</summary>
    public const string FileVariable = "RUNS_CLOCK_FILE";

    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private long _readAt;
    private TimeSpan _difference;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + GetDifference();

    /// <summary>Sets the clock of the server that reads the file.</summary>
    public static void Set(string file, TimeSpan difference)
    {
        // The server sees the old difference or the new one, and never a part of it.
        var next = $"{file}.next";
        File.WriteAllText(next, difference.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        File.Move(next, file, overwrite: true);
    }

    private TimeSpan GetDifference()
    {
        lock (_lock)
        {
            if (_readAt == 0 || Stopwatch.GetElapsedTime(_readAt) >= ReadInterval)
            {
                _readAt = Stopwatch.GetTimestamp();
                _difference = File.Exists(file)
                    ? TimeSpan.FromSeconds(double.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture))
                    : TimeSpan.Zero;
            }

            return _difference;
        }
    }
}
