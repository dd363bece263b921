using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Limits the permits of one kind that are held at a time: by the process, and within that by each tenant. Only
/// <see cref="AcquireQueued"/> queues. When a tenant uses up its share, only that tenant is rejected; the rest of the
/// process's permits stays available to other tenants.
/// </summary>
/// <param name="permitLimit">The permits of the process.</param>
/// <param name="tenantShare">
/// The fraction of them that one tenant may hold, even when no other tenant is active: a new tenant always finds free
/// permits. With 1, tenants are not limited.
/// </param>
/// <param name="minTenantPermits">
/// The minimum number of permits that a tenant may hold, regardless of its share.
/// </param>
/// <param name="queueLimit">
/// The number of calls that may queue for a permit, for the process and for each tenant.
/// </param>
internal sealed class TenantConcurrencyLimiter(int permitLimit, double tenantShare, int minTenantPermits = 1, int queueLimit = 0) : IDisposable
{
    private readonly ConcurrencyLimiter _process = new(CreateOptions(permitLimit, queueLimit));

    // The limiter itself removes idle partitions after a while.
    private readonly PartitionedRateLimiter<string>? _tenants = tenantShare >= 1 ? null : PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetConcurrencyLimiter(tenant, _ => CreateOptions(
            Math.Clamp((int)(permitLimit * tenantShare), Math.Min(minTenantPermits, permitLimit), permitLimit), queueLimit)));

    /// <summary>Whether the process has no permit left.</summary>
    public bool IsExhausted => _process.AttemptAcquire(0) is { IsAcquired: false };

    /// <summary>The free permits of the process.</summary>
    public long AvailablePermits => _process.GetStatistics()!.CurrentAvailablePermits;

    /// <summary>The limit that would reject the tenant's next request. Acquires nothing.</summary>
    public LimitedBy Probe(string tenant) =>
        _tenants is not null && !_tenants.AttemptAcquire(tenant, 0).IsAcquired ? LimitedBy.Tenant
        : IsExhausted ? LimitedBy.Process
        : LimitedBy.None;

    /// <summary>
    /// Acquires permits. When a limit is reached, the lease holds none and names that limit. Dispose of the lease to
    /// release them.
    /// </summary>
    public TenantLease Acquire(string tenant, int permits = 1)
    {
        var tenantLease = _tenants?.AttemptAcquire(tenant, permits);
        return TenantLease.Combine(tenantLease, tenantLease is { IsAcquired: false } ? null : _process.AttemptAcquire(permits));
    }

    /// <summary>Acquires a permit, and queues when none is free. Rejected only when the queue is full.</summary>
    public async Task<TenantLease> AcquireQueued(string tenant, CancellationToken cancellationToken)
    {
        var tenantLease = _tenants is null ? null : await _tenants.AcquireAsync(tenant, 1, cancellationToken);
        try
        {
            return TenantLease.Combine(
                tenantLease, tenantLease is { IsAcquired: false } ? null : await _process.AcquireAsync(1, cancellationToken));
        }
        catch
        {
            tenantLease?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        _tenants?.Dispose();
    }

    private static ConcurrencyLimiterOptions CreateOptions(int permits, int queueLimit) => new() { PermitLimit = permits, QueueLimit = queueLimit };
}

/// <summary>The limit that a request has reached.</summary>
internal enum LimitedBy
{
    /// <summary>None: permits are available.</summary>
    None,

    /// <summary>The tenant's share: 429.</summary>
    Tenant,

    /// <summary>The process: 503.</summary>
    Process,
}

/// <summary>The responses to requests that have reached a limit.</summary>
internal static class LimitedByExtensions
{
    /// <summary>
    /// 429 for the tenant's limit and 503 for the process's, with a text that names what was exceeded. Null when no
    /// limit was reached.
    /// </summary>
    public static ProblemHttpResult? ToProblem(
        this LimitedBy limit, string tenantLimit = "requests", string processLimit = "requests are under way") => limit switch
        {
            LimitedBy.Tenant => Problems.TooManyRequests(tenantLimit),
            LimitedBy.Process => Problems.Overloaded(processLimit),
            _ => null,
        };
}

/// <summary>
/// Permits of a tenant, held until the lease is disposed. Holds none when <see cref="LimitedBy"/> is not None.
/// </summary>
internal sealed class TenantLease(RateLimitLease? tenant, RateLimitLease? process, LimitedBy limitedBy) : IDisposable
{
    private static readonly TenantLease RejectedByTenant = new(null, null, LimitedBy.Tenant);
    private static readonly TenantLease RejectedByProcess = new(null, null, LimitedBy.Process);

    /// <summary>The limit that was reached. <see cref="LimitedBy.None"/> when the permits are held.</summary>
    public LimitedBy LimitedBy => limitedBy;

    /// <summary>Whether the permits are held.</summary>
    public bool IsAcquired => limitedBy == LimitedBy.None;

    /// <summary>
    /// Combines the leases of the tenant and the process: both, or none when one of them was not acquired. Without
    /// tenant limits, <paramref name="tenant"/> is null.
    /// </summary>
    public static TenantLease Combine(RateLimitLease? tenant, RateLimitLease? process)
    {
        if (tenant is not { IsAcquired: false } && process is { IsAcquired: true })
        {
            return new TenantLease(tenant, process, LimitedBy.None);
        }

        tenant?.Dispose();
        process?.Dispose();
        return tenant is { IsAcquired: false } ? RejectedByTenant : RejectedByProcess;
    }

    /// <summary>The problem to respond with, which names what was exceeded. Null when the permits are held.</summary>
    public ProblemHttpResult? ToProblem(string tenantLimit = "requests", string processLimit = "requests are under way") =>
        limitedBy.ToProblem(tenantLimit, processLimit);

    public void Dispose()
    {
        process?.Dispose();
        tenant?.Dispose();
    }
}
