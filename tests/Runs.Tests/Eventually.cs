using System.Diagnostics;

namespace Runs.Tests;

/// <summary>The one poll of the tests: until a fact holds, with a deadline, and the last failure in the message.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    public static Task Holds(Func<Task<bool>> condition, TimeSpan? timeout = null) =>
        Succeeds(async () => Assert.True(await condition(), "The fact does not hold."), timeout);

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
            catch (Exception failure) when (watch.Elapsed < (timeout ?? DefaultTimeout))
            {
                _ = failure;
                await Task.Delay(20);
            }
        }
    }
}
