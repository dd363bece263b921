namespace Runs.Store.Mongo;

/// <summary>
/// Runs whose events wait for <see cref="EventMover"/>: one entry for each run, the latest, because it holds the events of those before it. Bounded by the memory of the
/// events, with a share for each tenant. An append waits until there is room, so appends are as fast as the archive; other writes never wait, and what has no room is found
/// in the database later.
/// </summary>
internal sealed class ArchiveQueue(TimeProvider clock, long maxBytes = ArchiveQueue.DefaultMaxBytes)
{
    private const long DefaultMaxBytes = 32 * 1024 * 1024;

    // An event is more than its text: an object, a list entry, a string's head.
    private const int BytesPerEvent = 200;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (Run Run, long Bytes)> _waiting = [];
    private readonly Queue<Guid> _order = [];
    private readonly Dictionary<string, long> _byTenant = [];
    private TaskCompletionSource _added = NewSignal();
    private TaskCompletionSource _room = NewSignal();

    /// <summary>The memory of what waits and of what is being archived.</summary>
    public long Bytes { get; private set; }

    /// <summary>Waits until the tenant may add events.</summary>
    /// <exception cref="StoreUnavailableException">There is no room after some seconds: the archive is slower than the appends.</exception>
    public async Task WaitForRoom(string tenant, CancellationToken cancellationToken)
    {
        for (var begun = clock.GetTimestamp(); RoomFor(tenant) is { } room;)
        {
            try
            {
                await room.WaitAsync(Positive(MaxWait - clock.GetElapsedTime(begun)), clock, cancellationToken);
            }
            catch (TimeoutException slow)
            {
                throw new StoreUnavailableException("More events are appended than the archive can take.", slow) { NothingWritten = true, IsArchiveFull = true };
            }
        }
    }

    /// <summary>Adds a run with nothing but its events, or replaces an earlier state of it.</summary>
    public void Add(Run run)
    {
        var bytes = run.RecentEvents.Sum(logged => (long)BytesPerEvent + (sizeof(char) * logged.Event.Text.Length));
        lock (_lock)
        {
            var known = _waiting.TryGetValue(run.Id, out var before);
            if (known ? before.Run.LatestEventId >= run.LatestEventId : Bytes >= maxBytes)
            {
                return;
            }

            if (!known)
            {
                _order.Enqueue(run.Id);
            }

            _waiting[run.Id] = (run, bytes);
            Charge(run.Tenant, bytes - before.Bytes);
            _added.TrySetResult();
        }
    }

    /// <summary>Waits until there is something to archive.</summary>
    public async Task WaitForEvents(CancellationToken cancellationToken)
    {
        Task added;
        lock (_lock)
        {
            if (_waiting.Count > 0)
            {
                return;
            }

            if (_added.Task.IsCompleted)
            {
                _added = NewSignal();
            }

            added = _added.Task;
        }

        await added.WaitAsync(cancellationToken);
    }

    /// <summary>Takes the runs that wait longest. They count until <see cref="Release"/>.</summary>
    public ArchiveBatch Take(int maxRuns, long maxBatchBytes)
    {
        var (runs, bytes) = (new List<Run>(), new List<long>());
        lock (_lock)
        {
            for (var total = 0L; runs.Count < maxRuns && total < maxBatchBytes && _order.TryDequeue(out var id);)
            {
                _waiting.Remove(id, out var next);
                runs.Add(next.Run);
                bytes.Add(next.Bytes);
                total += next.Bytes;
            }
        }

        return new ArchiveBatch(runs, bytes);
    }

    /// <summary>Says that a batch is not in memory any more, whether it is archived or not.</summary>
    public void Release(ArchiveBatch batch)
    {
        lock (_lock)
        {
            foreach (var (run, bytes) in batch.Runs.Zip(batch.Bytes))
            {
                Charge(run.Tenant, -bytes);
            }

            _room.TrySetResult();
        }
    }

    // Null when there is room; otherwise what to wait for before asking again.
    private Task? RoomFor(string tenant)
    {
        lock (_lock)
        {
            if (Bytes < maxBytes && _byTenant.GetValueOrDefault(tenant) < maxBytes / 2)
            {
                return null;
            }

            if (_room.Task.IsCompleted)
            {
                _room = NewSignal();
            }

            return _room.Task;
        }
    }

    private void Charge(string tenant, long bytes)
    {
        Bytes += bytes;
        var left = _byTenant.GetValueOrDefault(tenant) + bytes;
        if (left == 0)
        {
            _byTenant.Remove(tenant);
        }
        else
        {
            _byTenant[tenant] = left;
        }
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Runs to archive, each with the memory of its events.</summary>
internal sealed record ArchiveBatch(IReadOnlyList<Run> Runs, IReadOnlyList<long> Bytes);
