using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// Finds ready runs for the claims of workers, and claims them. Claims of the same pool share its reads. What it finds
/// is a hint; the state machine decides each claim. A pool that may have runs is read when a claim arrives and when the
/// candidates of the last read are used up; any pool is read when the lifecycle role reports that a run has become
/// ready (<see cref="WorkIsReady"/>). Because that report may be lost, the store is scanned every second while claims
/// wait (<see cref="KnownReadyPools"/>).
/// </summary>
internal sealed class ClaimDispatcher(
    CandidateReader reader,
    KnownReadyPools readyPools,
    IClaimSender sender,
    TimeProvider clock,
    IHostApplicationLifetime lifetime)
    : BackgroundService
{
    /// <summary>
    /// The shortest time between two reads of a pool on behalf of claims that can wait: many workers poll the same
    /// pools.
    /// </summary>
    public static readonly TimeSpan MinReadInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The maximum number of pools of one tenant that are read together, after a scan or at a tick of
    /// <see cref="MinReadInterval"/>; the longest unread first. <see cref="WorkIsReady"/> is not limited.
    /// </summary>
    public const int MaxReadsPerTick = 50;

    // After every third rejection in a row, a claim takes none of the candidates that were already read, and waits for
    // the next read: others empty the pool.
    private const int MaxRejections = 3;

    private readonly Lock _lock = new();
    private readonly AssignedCandidates _assigned = new(clock);
    private readonly PreferredHalf _half = new(clock, Random.Shared);
    private readonly Dictionary<(string Tenant, ClaimPool Pool), ClaimQueue> _queues = [];
    private long _lastNumber;

    /// <summary>
    /// Claims up to <see cref="ClaimRequest.MaxRuns"/> runs. The pools take turns; within a pool, runs are claimed in
    /// the order of their ranks, or for some seconds after a rejection in random order.
    /// </summary>
    /// <param name="request">What the worker asks for.</param>
    /// <param name="wait">
    /// How long to wait for the first run. The wait also ends when the process stops. Runs after the first are claimed
    /// only while no other claim waits for them.
    /// </param>
    /// <param name="aborted">Signals that the caller has left. Runs that were claimed for it are then released.</param>
    /// <returns>The replies to the claims, possibly none, or the problem why no run could be claimed.</returns>
    public async Task<Result<List<RunSnapshot>>> Claim(ClaimRequest request, TimeSpan wait, CancellationToken aborted)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        var startedAt = clock.GetTimestamp();
        var waiter = Enter(request);
        try
        {
            var claimed = new List<RunSnapshot>();
            await ReadFirst(waiter, wait, stopping.Token);
            var rejections = 0;
            while (claimed.Count < request.MaxRuns)
            {
                var timeout = claimed.Count > 0 ? TimeSpan.Zero : wait - clock.GetElapsedTime(startedAt);
                var takesUnassigned = rejections == 0 || rejections % MaxRejections != 0;
                if (await GetCandidate(waiter, timeout, takesUnassigned, stopping.Token) is not { } assigned)
                {
                    break;
                }

                if (aborted.IsCancellationRequested)
                {
                    Return(assigned);
                    break;
                }

                var reply = await sender.Claim(request, assigned.Candidate.RunId, assigned.Queue.Pool);
                if (reply.IsSuccess)
                {
                    claimed.Add(reply.Value);
                    rejections = 0;
                }
                else if (IsRejection(reply.Problem))
                {
                    rejections++;
                    RecordRejection(assigned);
                }
                else if (claimed.Count == 0)
                {
                    return reply.Problem;
                }
                else
                {
                    break;
                }
            }

            if (aborted.IsCancellationRequested)
            {
                await Task.WhenAll(claimed.Select(run => sender.ReleaseUnclaimed(
                    request.Tenant, run.Run.RunId, run.Claim!.Attempt, request.Actor, request.TraceId)));
            }

            return claimed;
        }
        finally
        {
            Leave(waiter, request.MaxRuns);
        }
    }

    /// <summary>Reads the pools in which runs have become ready, if claims wait in them. Never waits.</summary>
    public void NotifyReady(string tenant, IEnumerable<string> pools)
    {
        foreach (var name in pools)
        {
            foreach (var pool in new[] { new ClaimPool(name), new ClaimPool(name, IsOfKind: true) })
            {
                ClaimQueue? queue;
                readyPools.Add(tenant, pool);
                lock (_lock)
                {
                    queue = _queues.GetValueOrDefault((tenant, pool));
                }

                if (queue is not null)
                {
                    _ = Read(queue);
                }
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(MinReadInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (readyPools.NeedsScan && HasClaims())
            {
                _ = ScanAndRead();
            }

            foreach (var queue in FindQueuesToRead(queue => queue.NeedsRead && queue.Waiters.Count > 0))
            {
                _ = Read(queue);
            }
        }
    }

    /// <summary>Whether a claim failed because the run was not ready. Another one may be.</summary>
    public static bool IsRejection(ProblemHttpResult problem) =>
        problem.StatusCode is StatusCodes.Status404NotFound or StatusCodes.Status409Conflict;

    private ClaimWaiter Enter(ClaimRequest request)
    {
        lock (_lock)
        {
            var queues = request.Pools.Select(pool => GetQueue(request.Tenant, pool)).ToList();
            foreach (var queue in queues)
            {
                queue.ClaimCount++;
                queue.WantedRuns += request.MaxRuns;
            }

            return new ClaimWaiter(++_lastNumber, queues);
        }
    }

    private void Leave(ClaimWaiter waiter, int maxRuns)
    {
        lock (_lock)
        {
            waiter.StopWaiting();
            foreach (var queue in waiter.Queues)
            {
                queue.WantedRuns -= maxRuns;
                if (--queue.ClaimCount == 0)
                {
                    _queues.Remove((queue.Tenant, queue.Pool));
                }
            }
        }
    }

    private ClaimQueue GetQueue(string tenant, ClaimPool pool)
    {
        if (!_queues.TryGetValue((tenant, pool), out var queue))
        {
            queue = new ClaimQueue(tenant, pool, reader, clock, _assigned, _half, _lock);
            _queues.Add((tenant, pool), queue);
        }

        return queue;
    }

    // A claim that does not wait must see every run that became ready before it, unless too many reads of its tenant
    // are queued. One that waits may see it a little later.
    private async Task ReadFirst(ClaimWaiter waiter, TimeSpan wait, CancellationToken stopping)
    {
        if (wait <= TimeSpan.Zero)
        {
            var reads = Task.WhenAll(waiter.Queues.Select(queue => queue.Read()));
            await Task.WhenAny(reads, Task.Delay(Timeout.InfiniteTimeSpan, clock, stopping));
            if (reads.IsFaulted)
            {
                await reads;
            }

            return;
        }

        if (readyPools.NeedsScan)
        {
            _ = ScanAndRead();
        }

        foreach (var queue in waiter.Queues.Where(queue => readyPools.MayHaveRuns(queue.Tenant, queue.Pool)))
        {
            bool isRecent;
            lock (_lock)
            {
                isRecent = IsRecent(queue);
                queue.NeedsRead = isRecent;
            }

            if (!isRecent)
            {
                _ = Read(queue);
            }
        }
    }

    // Also for claims that do not wait yet: they have decided by the scan before.
    private async Task ScanAndRead()
    {
        if (await readyPools.Scan())
        {
            foreach (var queue in FindQueuesToRead(queue => !IsRecent(queue) && readyPools.MayHaveRuns(queue.Tenant, queue.Pool)))
            {
                _ = Read(queue);
            }
        }
    }

    private bool IsRecent(ClaimQueue queue) => queue.LastReadAt is { } at && clock.GetElapsedTime(at) < MinReadInterval;

    private bool HasClaims()
    {
        lock (_lock)
        {
            return _queues.Count > 0;
        }
    }

    private async Task<AssignedCandidate?> GetCandidate(
        ClaimWaiter waiter, TimeSpan timeout, bool takesUnassigned, CancellationToken stopping)
    {
        Task<AssignedCandidate> assignment;
        lock (_lock)
        {
            if (takesUnassigned && !stopping.IsCancellationRequested && waiter.TryTake() is { } candidate)
            {
                return candidate;
            }

            if (timeout <= TimeSpan.Zero || stopping.IsCancellationRequested)
            {
                return null;
            }

            assignment = waiter.Wait();
            if (takesUnassigned)
            {
                foreach (var queue in waiter.Queues.Where(queue => queue.MayHaveMore))
                {
                    _ = Read(queue); // its candidates are used up
                }
            }
        }

        try
        {
            return await assignment.WaitAsync(timeout, clock, stopping);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                return waiter.StopWaiting();
            }
        }
    }

    private void Return(AssignedCandidate assigned)
    {
        lock (_lock)
        {
            assigned.Queue.Return(assigned.Candidate);
        }
    }

    private void RecordRejection(AssignedCandidate rejected)
    {
        lock (_lock)
        {
            rejected.Queue.RecordRejection(rejected.Candidate);
        }
    }

    private List<ClaimQueue> FindQueuesToRead(Func<ClaimQueue, bool> isDue)
    {
        lock (_lock)
        {
            return
            [
                .. _queues.Values
                    .Where(isDue)
                    .GroupBy(queue => queue.Tenant)
                    .SelectMany(tenant => tenant.OrderBy(queue => queue.LastReadAt).Take(MaxReadsPerTick)),
            ];
        }
    }

    // A read that fails has logged it. The next one follows within a second.
    private static async Task Read(ClaimQueue queue) =>
        await queue.Read().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
