using System.Diagnostics;

namespace Runs.Tests;

/// <summary>
/// Polls until a condition holds or an assertion succeeds. At the deadline the last failure is thrown.
/// </summary>
public static class Eventually
{
    /// <summary>
    /// How long a test waits for what will happen. Long, because the wait ends when it happens: a slow machine fails no
    /// test.
    /// </summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    public static Task Holds(Func<Task<bool>> condition, TimeSpan? timeout = null) =>
        Succeeds(async () => Assert.True(await condition(), "The condition does not hold."), timeout);

    public static async Task Succeeds(Func<Task> assertion, TimeSpan? timeout = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await assertion();
                return;
            }
            catch (Exception) when (watch.Elapsed < (timeout ?? Timeout))
            {
                await Task.Delay(20);
            }
        }
    }
}
