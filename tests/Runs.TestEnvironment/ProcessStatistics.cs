using System.Globalization;

namespace Runs.TestEnvironment;

/// <summary>Reads what the kernel counts for a process.</summary>
public static class ProcessStatistics
{
    private const double TicksPerSecond = 100; // USER_HZ, which Linux fixes at 100 for user space

    /// <summary>The processor time so far, user and system, in seconds; 0 if the process has exited.</summary>
    public static double CpuSeconds(int pid) => ReadCpuFields(pid, count: 2);

    /// <summary>
    /// The processor time so far, with that of the children that have exited, in seconds; 0 if the process has exited.
    /// </summary>
    public static double CpuSecondsWithExitedChildren(int pid) => ReadCpuFields(pid, count: 4);

    /// <summary>The resident memory in bytes.</summary>
    public static long ResidentMemory(int pid) => ReadKilobytes(pid, "VmRSS:") * 1024;

    /// <summary>
    /// The largest resident memory since the start or the last <see cref="ResetPeakMemory"/>, in bytes.
    /// </summary>
    public static long PeakResidentMemory(int pid) => ReadKilobytes(pid, "VmHWM:") * 1024;

    /// <summary>Restarts the measurement of the largest resident memory.</summary>
    public static void ResetPeakMemory(int pid) => File.WriteAllText($"/proc/{pid}/clear_refs", "5");

    // utime, stime, cutime, cstime (proc_pid_stat(5)).
    private static double ReadCpuFields(int pid, int count)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the process name before it may have blanks
            return fields.Skip(11).Take(count).Sum(field => double.Parse(field, CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static long ReadKilobytes(int pid, string name)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
