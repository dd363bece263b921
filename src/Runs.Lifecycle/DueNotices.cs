using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The due runs that were published in the last seconds, and may not have been handled yet. Bounded for each tenant, so that others' messages do not wait behind a tenant's, and
/// altogether.
/// </summary>
internal sealed class DueNotices(TimeProvider clock)
{
    /// <summary>After this long a run is published again: its message was lost, or the queue is long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    /// <summary>Runs of one tenant that are published within <see cref="Lifetime"/>.</summary>
    public const int MaxPerTenant = 2_000;

    private const int Max = 50_000;

    private readonly Queue<(DueRun Run, long At)> _order = new();
    private readonly HashSet<(Guid Run, DateTimeOffset DueAt)> _runs = []; // a run that went on may be due again
    private readonly Dictionary<string, int> _tenants = [];

    /// <summary>Whether nothing more is published for now.</summary>
    public bool IsFull => _runs.Count >= Max;

    /// <summary>Tenants whose runs are not published for now.</summary>
    public IReadOnlyCollection<string> TenantsWithoutShare => [.. _tenants.Where(tenant => tenant.Value >= MaxPerTenant).Select(tenant => tenant.Key)];

    /// <summary>Forgets what is older than <see cref="Lifetime"/> by the monotonic clock.</summary>
    public void Forget()
    {
        while (_order.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At) >= Lifetime)
        {
            _order.Dequeue();
            _runs.Remove((oldest.Run.Id, oldest.Run.DueAt));
            if (--_tenants[oldest.Run.Tenant] == 0)
            {
                _tenants.Remove(oldest.Run.Tenant);
            }
        }
    }

    /// <returns>False when the run was published already, or its tenant has reached <see cref="MaxPerTenant"/>.</returns>
    public bool TryAdd(DueRun run)
    {
        var published = _tenants.GetValueOrDefault(run.Tenant);
        if (published >= MaxPerTenant || IsFull || !_runs.Add((run.Id, run.DueAt)))
        {
            return false;
        }

        _tenants[run.Tenant] = published + 1;
        _order.Enqueue((run, clock.GetTimestamp()));
        return true;
    }
}
