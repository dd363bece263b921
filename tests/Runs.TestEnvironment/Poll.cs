using System.Diagnostics;

namespace Runs.TestEnvironment;

/// <summary>Waits for a condition.</summary>
public static class Poll
{
    /// <summary>Evaluates the condition at the given interval until it holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="interval">The delay between two evaluations.</param>
    /// <param name="failureMessage">The message of the exception.</param>
    /// <param name="cancellationToken">Cancels the delay.</param>
    /// <exception cref="TimeoutException">The condition does not hold at the end of the timeout.</exception>
    public static async Task Until(
        Func<Task<bool>> condition,
        TimeSpan timeout,
        TimeSpan interval,
        string failureMessage,
        CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed >= timeout)
            {
                throw new TimeoutException(failureMessage);
            }

            await Task.Delay(interval, cancellationToken);
        }
    }
}
