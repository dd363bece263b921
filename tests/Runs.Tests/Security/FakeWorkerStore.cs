using System.Collections.Concurrent;
using Runs.Store;

namespace Runs.Tests.Security;

/// <summary>Workers in memory. Counts the reads for authentication and records the heartbeats.</summary>
internal sealed class FakeWorkerStore : IWorkerStore
{
    private readonly ConcurrentDictionary<Guid, Worker> _workers = new();
    private int _reads;
    private int _detailReads;

    public int Reads => _reads;

    /// <summary>The number of reads of one worker with its metadata and targets.</summary>
    public int DetailReads => _detailReads;

    /// <summary>The ids and the time of each call of <see cref="RecordHeartbeats"/>.</summary>
    public ConcurrentQueue<(IReadOnlyList<Guid> Ids, DateTimeOffset Time)> Heartbeats { get; } = new();

    /// <summary>Whether calls of <see cref="RecordHeartbeats"/> fail.</summary>
    public bool IsUnavailable { get; set; }

    /// <summary>The number of the next replaces that fail with a conflict.</summary>
    public int ConflictsLeft { get; set; }

    public static Worker CreateWorker(Guid id, DateTimeOffset now, params string[] hashes) => new()
    {
        Id = id,
        Tenant = "dev",
        ProjectId = "project",
        ImplementationKind = "kind",
        WorkerKey = "key",
        Tokens = [.. hashes.Select(hash => WorkerToken.Create(hash, now))],
        CreatedAt = now,
        UpdatedAt = now,
        Version = 1,
    };

    public void Put(Worker worker) => _workers[worker.Id] = worker;

    public Task<bool> TryInsert(Worker worker, CancellationToken cancellationToken) =>
        Task.FromResult(_workers.TryAdd(worker.Id, worker));

    public Task<bool> TryReplace(Worker worker, long expectedVersion, CancellationToken cancellationToken)
    {
        if (ConflictsLeft > 0)
        {
            ConflictsLeft--;
            return Task.FromResult(false);
        }

        var isExpected = _workers.TryGetValue(worker.Id, out var stored) && stored.Version == expectedVersion;
        return Task.FromResult(isExpected && _workers.TryUpdate(worker.Id, worker, stored!));
    }

    public Task<Worker?> Find(Guid id, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _detailReads);
        return Task.FromResult(_workers.GetValueOrDefault(id));
    }

    public Task<Worker?> FindLinearizable(Guid id, CancellationToken cancellationToken) => Find(id, cancellationToken);

    public Task<IReadOnlyList<Worker>> FindWithoutDetails(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return Task.FromResult<IReadOnlyList<Worker>>([.. ids.Select(id => _workers.GetValueOrDefault(id)).OfType<Worker>()]);
    }

    public Task<WorkerPage> List(
        string tenant, string projectId, RunCursor? after, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task RecordHeartbeats(IReadOnlyCollection<Guid> ids, DateTimeOffset time, CancellationToken cancellationToken)
    {
        if (IsUnavailable)
        {
            throw new StoreUnavailableException("The store is down.", null);
        }

        Heartbeats.Enqueue(([.. ids], time));
        return Task.CompletedTask;
    }
}
