namespace Runs.Store;

/// <summary>Random delays before retries, so that callers that failed together do not retry together.</summary>
public static class JitteredBackoff
{
    /// <summary>
    /// Returns a random delay of at most <paramref name="initial"/>, twice that after each further attempt, and never
    /// more than <paramref name="max"/>. The delay is between <paramref name="minShare"/> of this limit and the limit.
    /// </summary>
    /// <param name="attempt">The number of earlier retries; 0 for the first.</param>
    /// <param name="initial">The longest delay before the first retry.</param>
    /// <param name="max">The longest delay before any retry.</param>
    /// <param name="minShare">
    /// 0 after a conflict with other callers, which is over; more where something needs time to recover.
    /// </param>
    public static TimeSpan GetDelay(int attempt, TimeSpan initial, TimeSpan max, double minShare = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minShare, 1);
        var longest = Math.Min(initial.TotalMilliseconds * Math.Pow(2, attempt), max.TotalMilliseconds);
#pragma warning disable CA5394 // a delay need not be unpredictable
        var share = minShare + ((1 - minShare) * Random.Shared.NextDouble());
#pragma warning restore CA5394
        return TimeSpan.FromMilliseconds(Math.Ceiling(longest * share)); // timers count milliseconds
    }

    /// <summary>
    /// Waits after a conflict with other writers. Uses the system's clock even if a test sets the time, because the
    /// other writers run in real time.
    /// </summary>
    /// <inheritdoc cref="GetDelay" path="/param[@name != 'minShare']"/>
    public static Task Delay(int attempt, TimeSpan initial, TimeSpan max, CancellationToken cancellationToken) =>
        Task.Delay(GetDelay(attempt, initial, max), cancellationToken);
}
