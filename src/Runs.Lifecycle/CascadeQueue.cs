using System.Threading.Channels;

namespace Runs.Lifecycle;

/// <summary>
/// The trees that have to be cancelled. Those that have begun take turns, a step each, and every tenant may have a few of them; its others wait. Bounded: what does not fit
/// is still recorded in its run's outbox, and the sweep brings it again.
/// </summary>
internal sealed class CascadeQueue
{
    private const int MaxBegunPerTenant = 4;
    private const int MaxWaitingPerTenant = 1024;
    private const int MaxTenants = 8 * 1024;

    private readonly Lock _lock = new();
    private readonly Channel<Cascade> _turns = Channel.CreateUnbounded<Cascade>(); // as many as have begun
    private readonly HashSet<(Guid, bool)> _known = [];
    private readonly Dictionary<string, Tenant> _tenants = [];

    /// <summary>Those whose turn it is. Each is returned after its step.</summary>
    public IAsyncEnumerable<Cascade> Turns(CancellationToken cancellationToken) => _turns.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Adds <paramref name="cascade"/>, unless it is there. Never waits.</summary>
    public void Offer(Cascade cascade)
    {
        lock (_lock)
        {
            if (!_tenants.TryGetValue(cascade.Tenant, out var tenant))
            {
                if (_tenants.Count == MaxTenants)
                {
                    return;
                }

                _tenants[cascade.Tenant] = tenant = new Tenant();
            }

            if (tenant.Waiting.Count < MaxWaitingPerTenant && _known.Add(cascade.Key))
            {
                tenant.Waiting.Enqueue(cascade);
                Begin(tenant);
            }
        }
    }

    /// <summary>Ends the turn of <paramref name="cascade"/>: it goes to the end of the line, or it is over and makes room.</summary>
    public void Return(Cascade cascade, bool isOver)
    {
        if (!isOver)
        {
            _turns.Writer.TryWrite(cascade);
            return;
        }

        lock (_lock)
        {
            _known.Remove(cascade.Key);
            var tenant = _tenants[cascade.Tenant];
            tenant.Begun--;
            Begin(tenant);
            if (tenant.Begun == 0)
            {
                _tenants.Remove(cascade.Tenant);
            }
        }
    }

    private void Begin(Tenant tenant)
    {
        while (tenant.Begun < MaxBegunPerTenant && tenant.Waiting.TryDequeue(out var cascade))
        {
            tenant.Begun++;
            _turns.Writer.TryWrite(cascade);
        }
    }

    private sealed class Tenant
    {
        public Queue<Cascade> Waiting { get; } = new();

        public int Begun { get; set; }
    }
}
