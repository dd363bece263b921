using System.Threading.RateLimiting;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Limits the permits of one kind that are held at a time: by the process, and within that by each tenant. Only
/// <see cref="AcquireQueued"/> queues. When a tenant uses up its share, only that tenant is rejected; the rest of the
/// process's permits stays available to other tenants.
/// </summary>
/// <param name="name">What the permits are for, in metrics.</param>
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
/// <param name="onRejected">Receives the limit that a call has reached.</param>
internal sealed class TenantConcurrencyLimiter(
    string name,
    int permitLimit,
    double tenantShare,
    int minTenantPermits = 1,
    int queueLimit = 0,
    Action<string, LimitedBy>? onRejected = null) : IDisposable
{
    private readonly ConcurrencyLimiter _process = new(CreateOptions(permitLimit, queueLimit));

    // The limiter itself removes idle partitions after a while.
    private readonly PartitionedRateLimiter<string>? _tenants = tenantShare >= 1 ? null : PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetConcurrencyLimiter(tenant, _ => CreateOptions(
            Math.Clamp((int)(permitLimit * tenantShare), Math.Min(minTenantPermits, permitLimit), permitLimit), queueLimit)));

    /// <summary>What the permits are for, in metrics.</summary>
    public string Name => name;

    /// <summary>The permits of the process.</summary>
    public int PermitLimit => permitLimit;

    /// <summary>The free permits of the process.</summary>
    public long AvailablePermits => _process.GetStatistics()!.CurrentAvailablePermits;

    private bool IsExhausted => _process.AttemptAcquire(0) is { IsAcquired: false };

    /// <summary>
    /// The limit that rejects a request of the tenant now, or <see cref="LimitedBy.None"/>. Acquires nothing.
    /// </summary>
    public LimitedBy Check(string tenant)
    {
        var limit = _tenants is not null && !_tenants.AttemptAcquire(tenant, 0).IsAcquired ? LimitedBy.Tenant
            : IsExhausted ? LimitedBy.Process
            : LimitedBy.None;
        if (limit != LimitedBy.None)
        {
            onRejected?.Invoke(name, limit);
        }

        return limit;
    }

    /// <summary>Whether a request is rejected because the process has no permit left. Acquires nothing.</summary>
    public bool RejectsAll()
    {
        if (!IsExhausted)
        {
            return false;
        }

        onRejected?.Invoke(name, LimitedBy.Process);
        return true;
    }

    /// <summary>
    /// Acquires permits. When a limit is reached, the lease holds none and names that limit. Dispose of the lease to
    /// release them.
    /// </summary>
    public TenantLease Acquire(string tenant, int permits = 1)
    {
        var tenantLease = _tenants?.AttemptAcquire(tenant, permits);
        return Report(TenantLease.Combine(tenantLease, tenantLease is { IsAcquired: false } ? null : _process.AttemptAcquire(permits)));
    }

    /// <summary>Acquires a permit, and queues when none is free. Rejected only when the queue is full.</summary>
    public async Task<TenantLease> AcquireQueued(string tenant, CancellationToken cancellationToken)
    {
        var tenantLease = _tenants is null ? null : await _tenants.AcquireAsync(tenant, 1, cancellationToken);
        try
        {
            return Report(TenantLease.Combine(
                tenantLease, tenantLease is { IsAcquired: false } ? null : await _process.AcquireAsync(1, cancellationToken)));
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

    private TenantLease Report(TenantLease lease)
    {
        if (!lease.IsAcquired)
        {
            onRejected?.Invoke(name, lease.LimitedBy);
        }

        return lease;
    }

    private static ConcurrencyLimiterOptions CreateOptions(int permits, int queueLimit) =>
        new() { PermitLimit = permits, QueueLimit = queueLimit };
}
