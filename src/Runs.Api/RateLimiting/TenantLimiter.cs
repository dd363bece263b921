using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Runs.Api.RateLimiting;

/// <summary>
/// Limits how many permits of one kind are held at a time: by the process, and within that by each tenant. Only <see cref="AcquireQueued"/> queues. A tenant that uses
/// up its share is rejected by itself; the rest of the process's permits stays free for the other tenants.
/// </summary>
/// <param name="limit">The permits of the process.</param>
/// <param name="tenantShare">The part of them that one tenant may hold, also while no other tenant asks: a new tenant finds free permits at once. With 1 there is no share.</param>
/// <param name="minimum">What a tenant may hold at least, whatever its share.</param>
/// <param name="queueLimit">How many calls may queue for a permit, of the process and of each tenant.</param>
internal sealed class TenantLimiter(int limit, double tenantShare, int minimum = 1, int queueLimit = 0) : IDisposable
{
    private readonly ConcurrencyLimiter _process = new(Options(limit, queueLimit));

    // Partitions that hold no permit are removed by the limiter itself after a while.
    private readonly PartitionedRateLimiter<string>? _tenants = tenantShare >= 1 ? null : PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetConcurrencyLimiter(tenant, _ => Options(
            Math.Clamp((int)(limit * tenantShare), Math.Min(minimum, limit), limit), queueLimit)));

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
        return TenantLease.Of(ofTenant, ofTenant is { IsAcquired: false } ? null : _process.AttemptAcquire(permits));
    }

    /// <summary>Takes a permit, and queues for it where none is free. Rejected only when the queue is full.</summary>
    public async Task<TenantLease> AcquireQueued(string tenant, CancellationToken cancellationToken)
    {
        var ofTenant = _tenants is null ? null : await _tenants.AcquireAsync(tenant, 1, cancellationToken);
        try
        {
            return TenantLease.Of(ofTenant, ofTenant is { IsAcquired: false } ? null : await _process.AcquireAsync(1, cancellationToken));
        }
        catch
        {
            ofTenant?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        _tenants?.Dispose();
    }

    private static ConcurrencyLimiterOptions Options(int permits, int queueLimit) => new() { PermitLimit = permits, QueueLimit = queueLimit };
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

/// <summary>The answers to requests that have reached a limit.</summary>
internal static class LimitedByProblems
{
    /// <summary>429 for a tenant's limit and 503 for that of the process, which say what there is too much of; null when no limit was reached.</summary>
    public static ProblemHttpResult? Problem(
        this LimitedBy limit, string tenantLimit = "requests", string processLimit = "requests are under way") => limit switch
        {
            LimitedBy.Tenant => Problems.TooManyRequests(tenantLimit),
            LimitedBy.Process => Problems.Overloaded(processLimit),
            _ => null,
        };
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

    /// <summary>The permits of both, or none when one of them was not acquired. Without shares there are none of the tenant.</summary>
    public static TenantLease Of(RateLimitLease? tenant, RateLimitLease? process)
    {
        if (tenant is not { IsAcquired: false } && process is { IsAcquired: true })
        {
            return new TenantLease(tenant, process, LimitedBy.None);
        }

        tenant?.Dispose();
        process?.Dispose();
        return tenant is { IsAcquired: false } ? ByTenant : ByProcess;
    }

    /// <summary>The problem to answer with, which says what there is too much of; null when the permits are held.</summary>
    public ProblemHttpResult? Problem(string tenantLimit = "requests", string processLimit = "requests are under way") =>
        limitedBy.Problem(tenantLimit, processLimit);

    public void Dispose()
    {
        process?.Dispose();
        tenant?.Dispose();
    }
}
