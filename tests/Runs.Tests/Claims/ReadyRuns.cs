using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.Claims;
using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Claims;

/// <summary>
/// The ready runs of one pool: the store that dispatchers read, and the saga that decides their claims. A claim of a
/// run that is not ready is rejected.
/// </summary>
public class ReadyRuns : DispatchProxy, IClaimSender
{
    private readonly Lock _lock = new();
    private readonly List<ClaimCandidate> _listed = [];
    private readonly HashSet<string> _ready = [];
    private readonly List<string> _sent = [];
    private readonly List<string> _claimed = [];
    private readonly List<(string RunId, int Attempt)> _released = [];
    private int _reads;
    private int _scans;
    private int _added;

    internal static ClaimPool Pool { get; } = ClaimPools.ForTarget(RunsApplication.Project, "task:t");

    /// <summary>The store to pass to dispatchers.</summary>
    public IRunStore Store => (IRunStore)(object)this;

    /// <summary>The exception with which the next reads fail, or null.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Called before the decision about each claim, with the run's id.</summary>
    public Func<string, Task>? OnClaim { get; set; }

    /// <summary>The problem of claims that do not reach the saga, or null.</summary>
    public Func<ProblemHttpResult?>? Problem { get; set; }

    /// <summary>The number of reads of the pool.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>The number of scans for pools with ready runs.</summary>
    public int Scans => Volatile.Read(ref _scans);

    /// <summary>Whether more pools of another tenant have ready runs than a scan finds.</summary>
    public bool HasManyPools { get; set; }

    /// <summary>The runs for which a claim was sent, in order.</summary>
    public IReadOnlyList<string> Sent => Copy(_sent);

    /// <summary>The runs that were claimed, in order.</summary>
    public IReadOnlyList<string> Claimed => Copy(_claimed);

    /// <summary>The runs that were released as unclaimed.</summary>
    public IReadOnlyList<(string RunId, int Attempt)> Released => Copy(_released);

    public static ReadyRuns Create()
    {
        var store = Create<IRunStore, ReadyRuns>();
        return (ReadyRuns)(object)store;
    }

    /// <summary>Adds runs that are ready.</summary>
    /// <returns>Their ids, in the order in which they are to be claimed.</returns>
    public IReadOnlyList<string> Add(int count) => AddListed(count, isReady: true);

    /// <summary>Adds runs that another process has claimed, which stay in the pool: reads may be stale.</summary>
    public IReadOnlyList<string> AddStale(int count) => AddListed(count, isReady: false);

    async Task<Result<RunSnapshot>> IClaimSender.Claim(ClaimRequest request, string runId, ClaimPool pool)
    {
        lock (_lock)
        {
            _sent.Add(runId);
        }

        await (OnClaim?.Invoke(runId) ?? Task.CompletedTask);
        if (Problem?.Invoke() is { } problem)
        {
            return problem;
        }

        lock (_lock)
        {
            if (!_ready.Remove(runId))
            {
                return Problems.FromRejection(new RunRejected
                {
                    Tenant = request.Tenant,
                    RunId = runId,
                    Code = RejectionCodes.RunNotClaimable,
                    Detail = "The run is not ready.",
                });
            }

            _listed.RemoveAll(candidate => candidate.RunId == runId);
            _claimed.Add(runId);
        }

        return CreateSnapshot(runId, request.WorkerId);
    }

    Task IClaimSender.ReleaseUnclaimed(string tenant, string runId, int attempt, Actor actor, string traceId)
    {
        lock (_lock)
        {
            _released.Add((runId, attempt));
        }

        return Task.CompletedTask;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IRunStore.FindReadyPool))
        {
            return FindReadyPool((ReadyPool?)args![0]);
        }

        Assert.Equal(nameof(IRunStore.ListClaimable), targetMethod.Name);
        Interlocked.Increment(ref _reads);
        if (Failure is { } failure)
        {
            return Task.FromException<IReadOnlyList<ClaimCandidate>>(failure);
        }

        var (pool, limit) = ((ClaimPool)args![1]!, (int)args[2]!);
        lock (_lock)
        {
            IReadOnlyList<ClaimCandidate> found = pool == Pool ? [.. _listed.Take(limit)] : [];
            return Task.FromResult(found);
        }
    }

    private Task<ReadyPool?> FindReadyPool(ReadyPool? after)
    {
        if (after is null)
        {
            Interlocked.Increment(ref _scans);
        }

        if (Failure is { } failure)
        {
            return Task.FromException<ReadyPool?>(failure);
        }

        lock (_lock)
        {
            var pool = HasManyPools ? new ReadyPool("a", $"{after?.Name}0", new ClaimCandidate("run", TestRuns.Noon))
                : after is null && _listed is [var first, ..] ? new ReadyPool("dev", Pool.Name, first)
                : null;
            return Task.FromResult(pool);
        }
    }

    private static RunSnapshot CreateSnapshot(string runId, string worker)
    {
        var run = TestRuns.Create();
        return new RunSnapshot
        {
            Run = run.ToResource() with { RunId = runId },
            Changed = true,
            Claim = new RunClaim
            {
                Attempt = 1,
                LeaseOwner = worker,
                LeaseExpiresAt = TestRuns.Noon,
                LatestEventId = 1,
                LatestExternalEventSequence = 0,
                ToolResults = [],
            },
        };
    }

    private List<string> AddListed(int count, bool isReady)
    {
        lock (_lock)
        {
            var added = Enumerable.Range(0, count).Select(_ => $"run_{_added++:D4}").ToList();
            _listed.AddRange(added.Select((id, i) => new ClaimCandidate(id, TestRuns.Noon.AddSeconds(_listed.Count + i))));
            _ready.UnionWith(isReady ? added : []);
            return added;
        }
    }

    private List<T> Copy<T>(List<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }
}
