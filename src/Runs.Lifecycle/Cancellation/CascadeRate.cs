using System.Threading.RateLimiting;

namespace Runs.Lifecycle;

/// <summary>
/// Derives the limits of cascades from <see cref="LifecycleOptions.MaxCascadedCancelsPerSecond"/>.
/// </summary>
internal static class CascadeRate
{
    private const int MaxPageSize = 100;

    /// <summary>
    /// Creates the rate limiter; each cancel takes one token. Tokens are added at most ten times a second, so that the
    /// cancels are spread over the second.
    /// </summary>
    /// <param name="perSecond">The number of cancels per second.</param>
    /// <param name="maxWaiting">The number of cancels that can wait at the same time.</param>
    public static TokenBucketRateLimiter CreateLimiter(int perSecond, int maxWaiting)
    {
        var tokens = Math.Max(1, perSecond / 10);
        return new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = tokens,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / perSecond),
            QueueLimit = maxWaiting,
        });
    }

    /// <summary>
    /// How many runs are cancelled before their messages are published: as many as a tenth of a second allows. A burst
    /// of messages would delay the commands and streams of all tenants.
    /// </summary>
    public static int GetPageSize(int perSecond) => Math.Clamp(perSecond / 10, 1, MaxPageSize);
}
