namespace Runs.Store.Mongo;

/// <summary>
/// Queues the runs whose events wait for <see cref="EventArchiver"/>. It holds no events, which would live long enough
/// to fill the memory: they are in the documents of the runs. Bounded by their size, with a limit for each tenant. An
/// append reserves the size of its events before its write and waits until there is capacity, so appends cannot outpace
/// the archiver. Other writes never wait: a run that does not fit is dropped, and the archiver's sweep finds it in the
/// database later.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="maxBytes">The limit of the size.</param>
/// <param name="tenantShare">The fraction of the limit that one tenant may use.</param>
internal sealed class ArchiveQueue(TimeProvider clock, long maxBytes = ArchiveQueue.DefaultMaxBytes, double tenantShare = 0.5)
{
    private const long DefaultMaxBytes = 32 * 1024 * 1024;

    // Every append rewrites the document. With 20 small events an append, this is the fourth.
    private const long LargeBytes = 16 * 1024;

    // What an event has besides its text: names and values of its other members.
    private const int EventOverheadBytes = 110;

    // So that runs with few events are archived although there are always large ones.
    private static readonly TimeSpan MaxAgeBehindLarge = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, PendingRun> _pending = [];
    private readonly Queue<PendingRun> _order = [];
    private readonly Queue<PendingRun> _large = [];
    private readonly Dictionary<string, long> _bytesByTenant = [];
    private TaskCompletionSource _addedSignal = CreateSignal();
    private TaskCompletionSource _capacitySignal = CreateSignal();

    /// <summary>The size of the events that are being appended, wait or are being archived.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Whether so many events wait that archiving must not be delayed.</summary>
    public bool IsFilling => UsedBytes >= maxBytes / 4;

    /// <summary>
    /// Reserves the size of events that are about to be appended; waits until the queue has capacity for the tenant.
    /// The last reservation may exceed the limit. Dispose of it after the write.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// There is no capacity after some seconds: the archiver is slower than the appends.
    /// </exception>
    public async Task<Reservation> Reserve(string tenant, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        var bytes = CountBytes(events);
        for (var startedAt = clock.GetTimestamp(); TryReserve(tenant, bytes, out var isTenantShareUsed) is { } signal;)
        {
            try
            {
                await signal.WaitAsync(ClampToZero(MaxWait - clock.GetElapsedTime(startedAt)), clock, cancellationToken);
            }
            catch (TimeoutException exception)
            {
                throw new StoreUnavailableException("More events are appended than the archive can take.", exception)
                {
                    NothingWritten = true,
                    IsArchiveFull = true,
                    IsTenantShareUsed = isTenantShareUsed,
                };
            }
        }

        return new Reservation(this, tenant, bytes);
    }

    /// <summary>Adds a run with events that were just written, unless the queue is full.</summary>
    public void Add(Run run, IReadOnlyList<RunEvent> events)
    {
        var bytes = CountBytes(events);
        lock (_lock)
        {
            if (UsedBytes < maxBytes)
            {
                AddUsage(run.Tenant, bytes);
                Enqueue(run, bytes);
            }
        }
    }

    /// <summary>Waits until the queue is not empty.</summary>
    public async Task WaitForEvents(CancellationToken cancellationToken)
    {
        Task added;
        lock (_lock)
        {
            if (_pending.Count > 0)
            {
                return;
            }

            if (_addedSignal.Task.IsCompleted)
            {
                _addedSignal = CreateSignal();
            }

            added = _addedSignal.Task;
        }

        await added.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Dequeues the runs with so many events that their documents have become large, and those that have waited for
    /// <paramref name="minAge"/>, up to a number of runs and a size. Their events count until <see cref="Release"/>.
    /// </summary>
    public IReadOnlyList<QueuedRun> Take(int maxRuns, long maxBatchBytes, TimeSpan minAge = default)
    {
        var runs = new List<QueuedRun>();
        lock (_lock)
        {
            for (var total = 0L; runs.Count < maxRuns && total < maxBatchBytes && DequeueDue(minAge) is { } next;)
            {
                _pending.Remove(next.Id);
                runs.Add(next.ToQueuedRun());
                total += next.Bytes;
            }
        }

        return runs;
    }

    /// <summary>Dequeues a run, if it is queued; see <see cref="Take(int, long, TimeSpan)"/>.</summary>
    public IReadOnlyList<QueuedRun> Take(Guid runId)
    {
        lock (_lock)
        {
            return _pending.Remove(runId, out var pending) ? [pending.ToQueuedRun()] : [];
        }
    }

    /// <summary>Releases the events of runs, whether they have been archived or not.</summary>
    public void Release(IReadOnlyList<QueuedRun> runs)
    {
        lock (_lock)
        {
            foreach (var run in runs)
            {
                AddUsage(run.Tenant, -run.Bytes);
            }

            _capacitySignal.TrySetResult();
        }
    }

    // Null when the size is reserved; otherwise a task to wait for before the next attempt.
    private Task? TryReserve(string tenant, long bytes, out bool isTenantShareUsed)
    {
        lock (_lock)
        {
            isTenantShareUsed = UsedBytes < maxBytes;
            if (isTenantShareUsed && _bytesByTenant.GetValueOrDefault(tenant) < maxBytes * tenantShare)
            {
                AddUsage(tenant, bytes);
                return null;
            }

            if (_capacitySignal.Task.IsCompleted)
            {
                _capacitySignal = CreateSignal();
            }

            return _capacitySignal.Task;
        }
    }

    private PendingRun? DequeueDue(TimeSpan minAge)
    {
        DropDequeued(_large);
        DropDequeued(_order);
        if (!_order.TryPeek(out var oldest))
        {
            return null;
        }

        var age = clock.GetElapsedTime(oldest.AddedAt);
        return age < MaxAgeBehindLarge && _large.TryDequeue(out var large) ? large
            : age >= minAge ? _order.Dequeue()
            : null;
    }

    // Runs that were dequeued as large ones, as old ones, or by their ids.
    private void DropDequeued(Queue<PendingRun> queue)
    {
        while (queue.TryPeek(out var run) && !IsPending(run))
        {
            queue.Dequeue();
        }
    }

    private bool IsPending(PendingRun entry) => _pending.GetValueOrDefault(entry.Id) == entry;

    private void Enqueue(Run run, long bytes)
    {
        if (!_pending.TryGetValue(run.Id, out var pending))
        {
            _pending.Add(run.Id, pending = new PendingRun(run.Id, run.Tenant, clock.GetTimestamp()));
            _order.Enqueue(pending);
        }

        if (pending.Bytes < LargeBytes && pending.Bytes + bytes >= LargeBytes)
        {
            _large.Enqueue(pending);
        }

        pending.Bytes += bytes;
        _addedSignal.TrySetResult();
    }

    private void AddUsage(string tenant, long bytes)
    {
        UsedBytes += bytes;
        var remaining = _bytesByTenant.GetValueOrDefault(tenant) + bytes;
        if (remaining == 0)
        {
            _bytesByTenant.Remove(tenant);
        }
        else
        {
            _bytesByTenant[tenant] = remaining;
        }
    }

    private static long CountBytes(IReadOnlyList<RunEvent> events) =>
        (EventOverheadBytes * (long)events.Count) + RunSize.CountCharacters(events);

    private static TimeSpan ClampToZero(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// The events of an append. They count until disposal, or until they are archived if they were queued.
    /// </summary>
    internal sealed class Reservation(ArchiveQueue queue, string tenant, long bytes) : IDisposable
    {
        private bool _isUsed;

        /// <summary>Queues the run: its events were written.</summary>
        public void Enqueue(Run run)
        {
            lock (queue._lock)
            {
                _isUsed = true;
                queue.Enqueue(run, bytes);
            }
        }

        public void Dispose()
        {
            if (!_isUsed)
            {
                lock (queue._lock)
                {
                    queue.AddUsage(tenant, -bytes);
                    queue._capacitySignal.TrySetResult();
                }
            }
        }
    }

    private sealed class PendingRun(Guid id, string tenant, long addedAt)
    {
        public Guid Id => id;

        public long AddedAt => addedAt;

        public long Bytes { get; set; }

        public QueuedRun ToQueuedRun() => new(id, tenant, Bytes);
    }
}
