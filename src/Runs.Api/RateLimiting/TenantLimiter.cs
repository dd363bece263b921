using System.Threading.RateLimiting;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Limits how many permits of one kind are held at a time: by the process, and within that by each tenant. Nothing is queued but by <see cref="Wait"/>. A tenant that uses
/// up its share is rejected by itself; the rest of the process's permits stays free for the other tenants.
/// </summary>
/// <param name="limit">The permits of the process.</param>
/// <param name="tenantShare">The part of them that one tenant may hold, also while no other tenant asks: a new tenant finds free permits at once. With 1 there is no share.</param>
/// <param name="minimum">What a tenant may hold at least, whatever its share.</param>
/// <param name="queue">How many may wait for a permit, of the process and of each tenant.</param>
internal sealed class TenantLimiter(int limit, double tenantShare, int minimum = 1, int queue = 0) : IDisposable
{
    private readonly ConcurrencyLimiter _process = new(Options(limit, queue));

    // Partitions that hold no permit are removed by the limiter itself after a while.
    private readonly PartitionedRateLimiter<string>? _tenants = tenantShare >= 1 ? null : PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetConcurrencyLimiter(tenant, _ => Options(Math.Clamp((int)(limit * tenantShare), Math.Min(minimum, limit), limit), queue)));

    /// <summary>Whether the process has no permit left.</summary>
    public bool IsExhausted => _process.AttemptAcquire(0) is { IsAcquired: false };

    /// <summary>The permits that the process has left.</summary>
    public long Available => _process.GetStatistics()!.CurrentAvailablePermits;

    /// <summary>Who would reject the tenant's next request. Takes nothing.</summary>
    public LimitedBy Probe(string tenant) =>
        _tenants is not null && !_tenants.AttemptAcquire(tenant, 0).IsAcquired ? LimitedBy.Tenant
        : IsExhausted ? LimitedBy.Process
        : LimitedBy.None;

    /// <summary>Takes permits, or says whose limit is reached. Dispose of the lease to give them back.</summary>
    public TenantLease Acquire(string tenant, int permits = 1)
    {
        var ofTenant = _tenants?.AttemptAcquire(tenant, permits);
        if (ofTenant is { IsAcquired: false })
        {
            ofTenant.Dispose();
            return TenantLease.Rejected(LimitedBy.Tenant);
        }

        var ofProcess = _process.AttemptAcquire(permits);
        if (!ofProcess.IsAcquired)
        {
            ofTenant?.Dispose();
            ofProcess.Dispose();
            return TenantLease.Rejected(LimitedBy.Process);
        }

        return new TenantLease(ofTenant, ofProcess, LimitedBy.None);
    }

    /// <summary>Takes a permit, when it is free. Rejected only when too many wait already.</summary>
    public async Task<TenantLease> Wait(string tenant, CancellationToken cancellationToken)
    {
        var ofTenant = _tenants is null ? null : await _tenants.AcquireAsync(tenant, 1, cancellationToken);
        if (ofTenant is { IsAcquired: false })
        {
            ofTenant.Dispose();
            return TenantLease.Rejected(LimitedBy.Tenant);
        }

        try
        {
            var ofProcess = await _process.AcquireAsync(1, cancellationToken);
            if (ofProcess.IsAcquired)
            {
                return new TenantLease(ofTenant, ofProcess, LimitedBy.None);
            }

            ofProcess.Dispose();
        }
        catch
        {
            ofTenant?.Dispose();
            throw;
        }

        ofTenant?.Dispose();
        return TenantLease.Rejected(LimitedBy.Process);
    }

    public void Dispose()
    {
        _process.Dispose();
        _tenants?.Dispose();
    }

    private static ConcurrencyLimiterOptions Options(int permits, int queue) => new() { PermitLimit = permits, QueueLimit = queue };
}

/// <summary>Whose limit a request has reached.</summary>
internal enum LimitedBy
{
    /// <summary>None: there are permits.</summary>
    None,

    /// <summary>The tenant's share: 429.</summary>
    Tenant,

    /// <summary>The process: 503.</summary>
    Process,
}

/// <summary>Permits of a tenant, until it is disposed of; or, when <see cref="LimitedBy"/> says so, none.</summary>
internal sealed class TenantLease(RateLimitLease? tenant, RateLimitLease? process, LimitedBy limitedBy) : IDisposable
{
    private static readonly TenantLease ByTenant = new(null, null, LimitedBy.Tenant);
    private static readonly TenantLease ByProcess = new(null, null, LimitedBy.Process);

    /// <summary>Whose limit was reached; <see cref="LimitedBy.None"/> when the permits are held.</summary>
    public LimitedBy LimitedBy => limitedBy;

    /// <summary>Whether the permits are held.</summary>
    public bool IsAcquired => limitedBy == LimitedBy.None;

    public static TenantLease Rejected(LimitedBy limitedBy) => limitedBy == LimitedBy.Tenant ? ByTenant : ByProcess;

    public void Dispose()
    {
        process?.Dispose();
        tenant?.Dispose();
    }
}
