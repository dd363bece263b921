namespace Runs.Store;

/// <summary>Random delays before retries, so that callers that failed together do not retry together.</summary>
public static class JitteredBackoff
{
    /// <summary>
    /// Returns a random delay of at most <paramref name="initial"/>, twice that after each further attempt, and never
    /// more than <paramref name="max"/>.
    /// </summary>
    /// <param name="attempt">The number of earlier retries; 0 for the first.</param>
    /// <param name="initial">The longest delay before the first retry.</param>
    /// <param name="max">The longest delay before any retry.</param>
    public static TimeSpan GetDelay(int attempt, TimeSpan initial, TimeSpan max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        var longest = Math.Min(initial.TotalMilliseconds * Math.Pow(2, attempt), max.TotalMilliseconds);
#pragma warning disable CA5394 // a delay is no secret
        return TimeSpan.FromMilliseconds(Math.Ceiling(longest * Random.Shared.NextDouble())); // timers count milliseconds
#pragma warning restore CA5394
    }
}
