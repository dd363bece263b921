using System.Diagnostics;

namespace Runs.Tests;

/// <summary>
/// Polls until a condition holds or an assertion succeeds. At the deadline the last failure is thrown.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

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
            catch (Exception) when (watch.Elapsed < (timeout ?? DefaultTimeout))
            {
                await Task.Delay(20);
            }
        }
    }
}
