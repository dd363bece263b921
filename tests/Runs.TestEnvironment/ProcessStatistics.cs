using System.Diagnostics;
using System.Globalization;

namespace Runs.TestEnvironment;

/// <summary>What the kernel knows of a process.</summary>
public static class ProcessStatistics
{
    private const double TicksPerSecond = 100; // USER_HZ, which Linux fixes at 100 for what it tells programs

    /// <summary>Seconds of processor time, of user and system; 0 when it is gone.</summary>
    public static double CpuSeconds(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name before it may have blanks
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public static long ResidentMemory(int pid) => ReadKilobytes(pid, "VmRSS:") * 1024;

    public static long PeakResidentMemory(int pid) => ReadKilobytes(pid, "VmHWM:") * 1024;

    private static long ReadKilobytes(int pid, string name) => long.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);
}
