using System.Diagnostics;

namespace Runs.Tests;

/// <summary>The one poll of the tests: until a fact holds, with a deadline, and the last failure in the message.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task Holds(Func<Task<bool>> fact, TimeSpan? within = null) =>
        Succeeds(async () => Assert.True(await fact(), "The fact does not hold."), within);

    public static async Task Succeeds(Func<Task> check, TimeSpan? within = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await check();
                return;
            }
            catch (Exception failure) when (watch.Elapsed < (within ?? Patience))
            {
                _ = failure;
                await Task.Delay(20);
            }
        }
    }
}
