namespace Runs.Store.Mongo;

/// <summary>
/// Queues runs whose events wait for <see cref="EventArchiver"/>. Each run has one entry, the latest, because it
/// contains the events of the earlier ones. The queue is bounded by the memory of the events, with a limit for each
/// tenant. An append waits until there is capacity, so appends cannot outpace the archiver. Other writes never wait: an
/// entry that does not fit is dropped, and the archiver's sweep finds its events in the database later.
/// </summary>
internal sealed class ArchiveQueue(TimeProvider clock, long maxBytes = ArchiveQueue.DefaultMaxBytes)
{
    private const long DefaultMaxBytes = 32 * 1024 * 1024;

    // The overhead of an event besides its text: an object, a list entry, a string header.
    private const int EventOverheadBytes = 200;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (Run Run, long Bytes)> _pending = [];
    private readonly Queue<Guid> _order = [];
    private readonly Dictionary<string, long> _bytesByTenant = [];
    private TaskCompletionSource _addedSignal = CreateSignal();
    private TaskCompletionSource _capacitySignal = CreateSignal();

    /// <summary>The memory of the events that are queued or being archived.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Waits until the queue has capacity for events of the tenant.</summary>
    /// <exception cref="StoreUnavailableException">
    /// There is no capacity after some seconds: the archiver is slower than the appends.
    /// </exception>
    public async Task WaitForCapacity(string tenant, CancellationToken cancellationToken)
    {
        for (var startedAt = clock.GetTimestamp(); GetCapacitySignal(tenant) is { } signal;)
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
                };
            }
        }
    }

    /// <summary>Adds a run that holds only its ids and events, or replaces an earlier state of it.</summary>
    public void Add(Run run)
    {
        var bytes = run.EmbeddedEvents.Sum(runEvent => (long)EventOverheadBytes + (sizeof(char) * runEvent.Event.Text.Length));
        lock (_lock)
        {
            var isQueued = _pending.TryGetValue(run.Id, out var previous);
            if (isQueued ? previous.Run.LatestEventId >= run.LatestEventId : UsedBytes >= maxBytes)
            {
                return;
            }

            if (!isQueued)
            {
                _order.Enqueue(run.Id);
            }

            _pending[run.Id] = (run, bytes);
            AddUsage(run.Tenant, bytes - previous.Bytes);
            _addedSignal.TrySetResult();
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

    /// <summary>Dequeues the runs that wait longest. Their memory counts as used until <see cref="Release"/>.</summary>
    public ArchiveBatch Take(int maxRuns, long maxBatchBytes)
    {
        var (runs, bytes) = (new List<Run>(), new List<long>());
        lock (_lock)
        {
            for (var total = 0L; runs.Count < maxRuns && total < maxBatchBytes && _order.TryDequeue(out var id);)
            {
                _pending.Remove(id, out var next);
                runs.Add(next.Run);
                bytes.Add(next.Bytes);
                total += next.Bytes;
            }
        }

        return new ArchiveBatch(runs, bytes);
    }

    /// <summary>Releases the memory of a batch, whether it has been archived or not.</summary>
    public void Release(ArchiveBatch batch)
    {
        lock (_lock)
        {
            foreach (var (run, bytes) in batch.Runs.Zip(batch.Bytes))
            {
                AddUsage(run.Tenant, -bytes);
            }

            _capacitySignal.TrySetResult();
        }
    }

    // Null when there is capacity; otherwise a task to wait for before the next check.
    private Task? GetCapacitySignal(string tenant)
    {
        lock (_lock)
        {
            if (UsedBytes < maxBytes && _bytesByTenant.GetValueOrDefault(tenant) < maxBytes / 2)
            {
                return null;
            }

            if (_capacitySignal.Task.IsCompleted)
            {
                _capacitySignal = CreateSignal();
            }

            return _capacitySignal.Task;
        }
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

    private static TimeSpan ClampToZero(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
