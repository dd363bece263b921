using System.Collections.Frozen;
using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Runs.Api.RateLimiting;

/// <summary>Which rate a route counts against. Without it, a POST is a command and everything else is a read.</summary>
/// <param name="Name">The policy's name, as the <c>RateLimit</c> header has it.</param>
internal sealed record RatePolicy(string Name)
{
    public static RatePolicy Creates { get; } = new("creates");

    public static RatePolicy Commands { get; } = new("commands");

    public static RatePolicy Appends { get; } = new("appends");

    public static RatePolicy Reads { get; } = new("reads");

    /// <summary>The policy of a request; null for routes that need no credential, which have none.</summary>
    public static RatePolicy? Of(HttpContext http) =>
        http.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAuthorizeData>() is null ? null
        : endpoint.Metadata.GetMetadata<RatePolicy>() is { } policy ? policy
        : HttpMethods.IsPost(http.Request.Method) ? Commands
        : Reads;
}

/// <summary>
/// How many requests of each kind a tenant may make in a second: a token bucket for each policy and tenant, which holds the tokens of one second. The rate limiting
/// middleware takes one token for each request, after authentication and before the body is read.
/// </summary>
internal sealed class RequestRates : IDisposable
{
    private const int RefillsPerSecond = 10;

    private readonly FrozenDictionary<RatePolicy, (int PerSecond, string Header)> _policies;

    public RequestRates(IOptions<ApiOptions> options)
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
        Limiter = PartitionedRateLimiter.Create<HttpContext, (RatePolicy? Policy, string Tenant)>(Partition);
    }

    /// <summary>How long <see cref="AcquireAnother"/> waits.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A token of the request's policy and tenant.</summary>
    public PartitionedRateLimiter<HttpContext> Limiter { get; }

    /// <summary>
    /// Tells the client its policy and what is left of it, in the fields of draft-ietf-httpapi-ratelimit-headers-10
    /// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/).
    /// </summary>
    public void WriteHeaders(HttpContext http)
    {
        if (RatePolicy.Of(http) is { } policy && _policies.TryGetValue(policy, out var rate) && Limiter.GetStatistics(http) is { } statistics)
        {
            http.Response.Headers["RateLimit-Policy"] = rate.Header;
            http.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy.Name}\";r={statistics.CurrentAvailablePermits};t=1");
        }
    }

    /// <summary>
    /// Takes another token of the request's policy and tenant, for a request that does the work of several. Waits for it, so that what was read for the request is not lost.
    /// </summary>
    /// <returns>False when there was none for <see cref="MaxWait"/>.</returns>
    public async Task<bool> AcquireAnother(HttpContext http, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; ;)
        {
            using var lease = Limiter.AttemptAcquire(http);
            if (lease.IsAcquired || waited >= MaxWait)
            {
                return lease.IsAcquired;
            }

            var pause = lease.TryGetMetadata(MetadataName.RetryAfter, out var refill) ? refill : TimeSpan.FromSeconds(1.0 / RefillsPerSecond);
            await Task.Delay(pause, cancellationToken); // the limiter's time is real
            waited += pause;
        }
    }

    public void Dispose() => Limiter.Dispose();

    private RateLimitPartition<(RatePolicy? Policy, string Tenant)> Partition(HttpContext http)
    {
        var policy = RatePolicy.Of(http);
        return policy is not null && _policies.TryGetValue(policy, out var rate)
            ? RateLimitPartition.GetTokenBucketLimiter<(RatePolicy?, string)>((policy, http.User.FindFirstValue(Caller.TenantClaim) ?? ""), _ => Bucket(rate.PerSecond))
            : RateLimitPartition.GetNoLimiter<(RatePolicy?, string)>((null, ""));
    }

    // Tokens come back in small portions, so that a tenant which uses up its rate does not send a second's worth at once, again and again.
    private static TokenBucketRateLimiterOptions Bucket(int perSecond)
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
