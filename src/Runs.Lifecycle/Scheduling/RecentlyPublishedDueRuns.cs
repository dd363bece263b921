using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The due runs that were published in the last few seconds and may not have been handled yet. The number is limited
/// per tenant, so that messages of other tenants do not wait behind those of one tenant, and in total.
/// </summary>
internal sealed class RecentlyPublishedDueRuns(TimeProvider clock)
{
    /// <summary>The time after which a run is published again: its message was lost, or the queue is long.</summary>
    public static readonly TimeSpan RepublishInterval = TimeSpan.FromSeconds(5);

    /// <summary>The number of runs of one tenant that are published within <see cref="RepublishInterval"/>.</summary>
    public const int MaxPerTenant = 2_000;

    private const int MaxTotal = 50_000;

    private readonly Queue<(DueRun Run, long At)> _order = new();
    private readonly HashSet<(Guid Id, DateTimeOffset DueAt)> _runs = []; // a run that continued may be due again
    private readonly Dictionary<string, int> _countByTenant = [];

    /// <summary>Whether the total limit is reached.</summary>
    public bool IsFull => _runs.Count >= MaxTotal;

    /// <summary>The tenants that have reached <see cref="MaxPerTenant"/>.</summary>
    public IReadOnlyCollection<string> TenantsAtLimit =>
        [.. _countByTenant.Where(tenant => tenant.Value >= MaxPerTenant).Select(tenant => tenant.Key)];

    /// <summary>Removes entries older than <see cref="RepublishInterval"/> by the monotonic clock.</summary>
    public void RemoveExpired()
    {
        while (_order.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At) >= RepublishInterval)
        {
            _order.Dequeue();
            _runs.Remove((oldest.Run.Id, oldest.Run.DueAt));
            if (--_countByTenant[oldest.Run.Tenant] == 0)
            {
                _countByTenant.Remove(oldest.Run.Tenant);
            }
        }
    }

    /// <summary>Adds a run that is published next.</summary>
    /// <returns>
    /// False if the run was already published, its tenant has reached <see cref="MaxPerTenant"/>, or the total limit is
    /// reached.
    /// </returns>
    public bool TryAdd(DueRun run)
    {
        var published = _countByTenant.GetValueOrDefault(run.Tenant);
        if (published >= MaxPerTenant || IsFull || !_runs.Add((run.Id, run.DueAt)))
        {
            return false;
        }

        _countByTenant[run.Tenant] = published + 1;
        _order.Enqueue((run, clock.GetTimestamp()));
        return true;
    }
}
