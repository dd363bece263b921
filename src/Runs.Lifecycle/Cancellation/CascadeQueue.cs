using System.Threading.Channels;

namespace Runs.Lifecycle;

/// <summary>
/// The queue of run trees to cancel. Active cascades take turns, one step each. Each tenant may have a few active
/// cascades; its other cascades wait. The queue is bounded: a cascade that does not fit is still stored in the outbox
/// of its run, and the outbox sweep enqueues it again.
/// </summary>
internal sealed class CascadeQueue
{
    private const int MaxActivePerTenant = 4;
    private const int MaxQueuedPerTenant = 1024;
    private const int MaxTenants = 8 * 1024;

    private readonly Lock _lock = new();
    private readonly HashSet<(Guid, bool)> _keys = [];
    private readonly Dictionary<string, TenantQueue> _tenants = [];

    // Bounded by the number of active cascades.
    private readonly Channel<CancellationCascade> _ready = Channel.CreateUnbounded<CancellationCascade>();

    /// <summary>
    /// The cascades that are ready for their next step. The caller returns each one with <see cref="CompleteStep"/>.
    /// </summary>
    public IAsyncEnumerable<CancellationCascade> ReadAll(CancellationToken cancellationToken) =>
        _ready.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Adds <paramref name="cascade"/> unless it is already queued. Never waits.</summary>
    public void Enqueue(CancellationCascade cascade)
    {
        lock (_lock)
        {
            if (!_tenants.TryGetValue(cascade.Tenant, out var tenant))
            {
                if (_tenants.Count == MaxTenants)
                {
                    return;
                }

                _tenants[cascade.Tenant] = tenant = new TenantQueue();
            }

            if (tenant.Queued.Count < MaxQueuedPerTenant && _keys.Add(cascade.Key))
            {
                tenant.Queued.Enqueue(cascade);
                StartQueued(tenant);
            }
        }
    }

    /// <summary>
    /// Ends a step of <paramref name="cascade"/>. An unfinished cascade goes to the end of the queue; a finished one is
    /// removed and frees its slot.
    /// </summary>
    public void CompleteStep(CancellationCascade cascade, bool isFinished)
    {
        if (!isFinished)
        {
            _ready.Writer.TryWrite(cascade);
            return;
        }

        lock (_lock)
        {
            _keys.Remove(cascade.Key);
            var tenant = _tenants[cascade.Tenant];
            tenant.ActiveCount--;
            StartQueued(tenant);
            if (tenant.ActiveCount == 0)
            {
                _tenants.Remove(cascade.Tenant);
            }
        }
    }

    private void StartQueued(TenantQueue tenant)
    {
        while (tenant.ActiveCount < MaxActivePerTenant && tenant.Queued.TryDequeue(out var cascade))
        {
            tenant.ActiveCount++;
            _ready.Writer.TryWrite(cascade);
        }
    }

    private sealed class TenantQueue
    {
        public Queue<CancellationCascade> Queued { get; } = new();

        public int ActiveCount { get; set; }
    }
}
