using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Runs.Api.RateLimiting;

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
    public ProblemHttpResult? ToProblem(string subject = "concurrent requests") => limitedBy.ToProblem(subject);

    public void Dispose()
    {
        process?.Dispose();
        tenant?.Dispose();
    }
}
