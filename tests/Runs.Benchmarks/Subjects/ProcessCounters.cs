using System.Globalization;

namespace Runs.Benchmarks.Subjects;

/// <summary>What a process has counted since its start.</summary>
/// <param name="Allocated">The allocated bytes.</param>
/// <param name="PauseMilliseconds">For how long the garbage collector has paused the threads of the process.</param>
/// <param name="Claims">The claims that an API process has sent to the saga.</param>
/// <param name="RejectedClaims">Those of them whose run another process had claimed before.</param>
internal sealed record ProcessCounters(long Allocated, double PauseMilliseconds, long Claims, long RejectedClaims)
{
    /// <summary>Reads a line of <see cref="StartupHook"/>, without its prefix.</summary>
    public static ProcessCounters Parse(string line)
    {
        var numbers = line.Split(' ');
        return new ProcessCounters(
            long.Parse(numbers[0], CultureInfo.InvariantCulture),
            double.Parse(numbers[1], CultureInfo.InvariantCulture),
            long.Parse(numbers[2], CultureInfo.InvariantCulture),
            long.Parse(numbers[3], CultureInfo.InvariantCulture));
    }
}
