using System.Collections.Frozen;
using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Limits the requests of each kind that a tenant may send in a second, by a token bucket for each policy and tenant,
/// which holds the tokens of one second. The rate limiting middleware takes one token for each request, after
/// authentication and before the body is read.
/// </summary>
internal sealed class RequestRateLimiter : IDisposable
{
    private const int RefillsPerSecond = 10;

    private readonly FrozenDictionary<RatePolicy, (int PerSecond, string Header)> _policies;

    public RequestRateLimiter(IOptions<ApiOptions> options)
    {
        var rates = options.Value;
        _policies = new Dictionary<RatePolicy, int>
        {
            [RatePolicy.Creates] = rates.CreatesPerSecond,
            [RatePolicy.Commands] = rates.CommandsPerSecond,
            [RatePolicy.Appends] = rates.AppendsPerSecond,
            [RatePolicy.Reads] = rates.ReadsPerSecond,
        }.Where(rate => rate.Value > 0).ToFrozenDictionary(
            rate => rate.Key, rate => (rate.Value, string.Create(CultureInfo.InvariantCulture, $"\"{rate.Key.Name}\";q={rate.Value};w=1")));
        Limiter = PartitionedRateLimiter.Create<HttpContext, (RatePolicy? Policy, string Tenant)>(GetPartition);
    }

    /// <summary>How long <see cref="TryAcquireAdditional"/> waits.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The limiter, partitioned by the request's policy and tenant.</summary>
    public PartitionedRateLimiter<HttpContext> Limiter { get; }

    /// <summary>
    /// Writes the client's policy and its remaining tokens, in the fields of draft-ietf-httpapi-ratelimit-headers-10
    /// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/).
    /// </summary>
    public void WriteHeaders(HttpContext http)
    {
        if (RatePolicy.For(http) is { } policy
            && _policies.TryGetValue(policy, out var rate)
            && Limiter.GetStatistics(http) is { CurrentAvailablePermits: var permits })
        {
            http.Response.Headers["RateLimit-Policy"] = rate.Header;
            http.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy.Name}\";r={permits};t=1");
        }
    }

    /// <summary>
    /// Takes another token of the request's policy and tenant, for a request that does the work of several. Waits for
    /// the token, so that the data already read for the request is not discarded.
    /// </summary>
    /// <returns>False when no token was available within <see cref="MaxWait"/>.</returns>
    public async Task<bool> TryAcquireAdditional(HttpContext http, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; ;)
        {
            using var lease = Limiter.AttemptAcquire(http);
            if (lease.IsAcquired || waited >= MaxWait)
            {
                return lease.IsAcquired;
            }

            var pause = lease.TryGetMetadata(MetadataName.RetryAfter, out var refill)
                ? refill
                : TimeSpan.FromSeconds(1.0 / RefillsPerSecond);
            await Task.Delay(pause, cancellationToken); // not the TimeProvider: the limiter uses the system clock
            waited += pause;
        }
    }

    public void Dispose() => Limiter.Dispose();

    private RateLimitPartition<(RatePolicy? Policy, string Tenant)> GetPartition(HttpContext http)
    {
        if (RatePolicy.For(http) is not { } policy || !_policies.TryGetValue(policy, out var rate))
        {
            return RateLimitPartition.GetNoLimiter<(RatePolicy?, string)>((null, ""));
        }

        var tenant = http.User.FindFirstValue(Caller.TenantClaim) ?? "";
        return RateLimitPartition.GetTokenBucketLimiter<(RatePolicy?, string)>((policy, tenant), _ => CreateBucketOptions(rate.PerSecond));
    }

    // Tokens are replenished in small portions, so that a tenant at its limit does not send a full second's requests in
    // one burst each second.
    private static TokenBucketRateLimiterOptions CreateBucketOptions(int perSecond)
    {
        var refill = Math.Max(1, perSecond / RefillsPerSecond);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond,
            TokensPerPeriod = refill,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)refill / perSecond),
            QueueLimit = 0,
        };
    }
}
