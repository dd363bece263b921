using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// Reads the candidates of a pool, under the tenant's share of <see cref="RequestLimits.QueuedReads"/>: a tenant
/// whose claims wait in many pools delays its own claims, and not those of other tenants.
/// </summary>
internal sealed partial class CandidateReader(IRunStore store, RequestLimits limits, ILogger<CandidateReader> logger)
{
    /// <summary>
    /// Reads the first candidates of a pool; none while too many reads of the tenant are queued. A failure is logged
    /// here, and not in the callers that share the read: there may be a thousand.
    /// </summary>
    public async Task<IReadOnlyList<ClaimCandidate>> Read(string tenant, ClaimPool pool, int limit)
    {
        using var permit = await limits.QueuedReads.AcquireQueued(tenant, CancellationToken.None);
        if (!permit.IsAcquired)
        {
            return [];
        }

        try
        {
            return await store.ListClaimable(tenant, pool, limit, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogReadFailed(exception);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Failed to read the runs that are ready; will retry")]
    private partial void LogReadFailed(Exception exception);
}
