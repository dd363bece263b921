using System.Diagnostics.CodeAnalysis;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// The claims that wait in one pool, and the candidates that the last read of the pool has found. All waiters share a
/// read. A candidate is assigned to one waiter, the one that has waited longest.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "The random order keeps processes apart; it protects nothing.")]
internal sealed class ClaimQueue(
    string tenant, ClaimPool pool, CandidateReader reader, TimeProvider clock, AssignedCandidates assigned, PreferredHalf half,
    Lock @lock)
{
    private const int MinCandidates = 16;
    private const int MaxCandidates = 256;

    // How long after a rejection other processes are assumed to claim from the pool. Meanwhile, each reads a larger
    // page and takes candidates in random order: those of its half, and others only when there are too few.
    private static readonly TimeSpan ContentionTime = TimeSpan.FromSeconds(5);

    private static readonly Comparer<ClaimWaiter> ByNumber =
        Comparer<ClaimWaiter>.Create((one, other) => one.Number.CompareTo(other.Number));

    private readonly Queue<ClaimCandidate> _candidates = new();
    private Task _currentRead = Task.CompletedTask;
    private Task? _nextRead;
    private long? _rejectedAt;

    public string Tenant => tenant;

    public ClaimPool Pool => pool;

    /// <summary>The number of claims that want runs of the pool, with or without a candidate.</summary>
    public int ClaimCount { get; set; }

    /// <summary>The number of runs that these claims want at most.</summary>
    public int WantedRuns { get; set; }

    /// <summary>The waiters without a candidate, in the order of their arrival.</summary>
    public SortedSet<ClaimWaiter> Waiters { get; } = new(ByNumber);

    /// <summary>When the last read began; null before the first.</summary>
    public long? LastReadAt { get; private set; }

    /// <summary>Whether a claim has asked for a read that has not begun.</summary>
    public bool NeedsRead { get; set; }

    /// <summary>Whether the last read has found as many candidates as it asked for: there may be more.</summary>
    public bool MayHaveMore { get; private set; }

    /// <summary>
    /// Reads the pool, and assigns what it finds. A call during a read joins the next one, with all other calls before
    /// its start, because the read may have missed a run that became ready after its start.
    /// </summary>
    public Task Read()
    {
        lock (@lock)
        {
            return _nextRead ??= ReadAfter(_currentRead);
        }
    }

    /// <summary>Takes the next candidate, if there is one.</summary>
    public ClaimCandidate? TryTake() => TryDequeue(out var candidate) ? candidate : null;

    /// <summary>Gives a candidate, for which no claim was sent, to the next waiter.</summary>
    public void Return(ClaimCandidate candidate)
    {
        if (Waiters.Min is { } waiter)
        {
            waiter.Accept(new AssignedCandidate(this, candidate));
        }
        else
        {
            assigned.Remove(tenant, candidate);
        }
    }

    /// <summary>
    /// The candidate was no longer ready; most likely another process has claimed it first. Without an earlier
    /// rejection in the last seconds, that process takes its candidates in the same order, so some of the next ones are
    /// skipped. Otherwise, if the candidate is in the half of this process, the half may be chosen again.
    /// </summary>
    public void RecordRejection(ClaimCandidate rejected)
    {
        if (!HasContention())
        {
            for (var skipped = Random.Shared.Next(ClaimCount); skipped > 0; skipped--)
            {
                _candidates.TryDequeue(out _);
            }
        }
        else if (half.ChooseAfterRejection(rejected))
        {
            ReplaceCandidates([.. _candidates]);
        }

        _rejectedAt = clock.GetTimestamp();
        NeedsRead = true; // after several rejections, a claim waits for the next read
    }

    private async Task ReadAfter(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        int limit;
        lock (@lock)
        {
            (_currentRead, _nextRead) = (_nextRead!, null);
            (LastReadAt, NeedsRead) = (clock.GetTimestamp(), false);
            limit = HasContention() ? MaxCandidates : Math.Clamp(2 * ClaimCount, MinCandidates, MaxCandidates);
        }

        var found = await reader.Read(tenant, pool, limit);
        lock (@lock)
        {
            MayHaveMore = found.Count == limit;
            Assign(found);
        }
    }

    private void Assign(IReadOnlyList<ClaimCandidate> found)
    {
        ReplaceCandidates([.. found]);
        while (Waiters.Min is { } waiter && TryDequeue(out var candidate))
        {
            waiter.Accept(new AssignedCandidate(this, candidate));
        }

        NeedsRead |= MayHaveMore && Waiters.Count > 0;
    }

    private void ReplaceCandidates(ClaimCandidate[] candidates)
    {
        if (HasContention())
        {
            Random.Shared.Shuffle(candidates);
            candidates = [.. candidates.Where(candidate => !assigned.Contains(tenant, candidate)).OrderByDescending(half.Contains)];
            if (MayHaveMore)
            {
                // Leaves the other half to the other processes, unless the claims want more runs than this page has of
                // this half. The next read finds more.
                candidates = [.. candidates.Take(Math.Max(candidates.Count(half.Contains), WantedRuns))];
            }
        }

        _candidates.Clear();
        foreach (var candidate in candidates)
        {
            _candidates.Enqueue(candidate);
        }
    }

    private bool HasContention() => _rejectedAt is { } at && clock.GetElapsedTime(at) < ContentionTime;

    private bool TryDequeue([NotNullWhen(true)] out ClaimCandidate? candidate)
    {
        while (_candidates.TryDequeue(out candidate))
        {
            if (assigned.TryAdd(tenant, candidate))
            {
                return true;
            }
        }

        return false;
    }
}
