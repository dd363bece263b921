using System.Diagnostics.CodeAnalysis;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// The claims that wait in one pool, and the candidates that the last look at the pool has found. All waiters share a
/// look. A candidate is assigned to one waiter, the one that has waited longest.
/// </summary>
internal sealed class ClaimQueue(
    string tenant, ClaimPool pool, CandidateReader reader, TimeProvider clock, OfferedCandidates offered, Lock @lock)
{
    private const string NotSecurity = "The order keeps processes apart; it protects nothing.";
    private const int MinCandidates = 16;
    private const int MaxCandidates = 256;

    // While other processes claim from the same pool, each takes candidates in a random order from a larger page, so
    // that they rarely meet.
    private static readonly TimeSpan ContentionTime = TimeSpan.FromSeconds(5);

    private static readonly Comparer<ClaimWaiter> ByNumber =
        Comparer<ClaimWaiter>.Create((one, other) => one.Number.CompareTo(other.Number));

    private readonly Queue<ClaimCandidate> _candidates = new();
    private Task _currentLook = Task.CompletedTask;
    private Task? _nextLook;
    private long? _rejectedAt;

    public string Tenant => tenant;

    public ClaimPool Pool => pool;

    /// <summary>The number of claims that are interested in the pool, idle or not.</summary>
    public int WaiterCount { get; set; }

    /// <summary>The waiters without a candidate, in the order of their arrival.</summary>
    public SortedSet<ClaimWaiter> Idle { get; } = new(ByNumber);

    /// <summary>When the last look began; null before the first.</summary>
    public long? LookedAt { get; private set; }

    /// <summary>Whether a claim has asked for a look that has not begun.</summary>
    public bool NeedsLook { get; set; }

    /// <summary>
    /// Looks at the pool, and assigns what it finds. A call during a look joins the next one, with all other calls
    /// before its start, because the look may have missed a run that became ready after its start.
    /// </summary>
    public Task Look()
    {
        lock (@lock)
        {
            return _nextLook ??= LookAfter(_currentLook);
        }
    }

    /// <summary>Takes the next candidate, if there is one.</summary>
    public ClaimCandidate? TryTake() => TryDequeue(out var candidate) ? candidate : null;

    /// <summary>Gives a candidate, for which no claim was sent, to the next waiter.</summary>
    public void Return(ClaimCandidate candidate)
    {
        if (Idle.Min is { } waiter)
        {
            waiter.Accept(new ClaimOffer(this, candidate));
        }
        else
        {
            offered.Remove(tenant, candidate);
        }
    }

    /// <summary>
    /// Another process was first. Skips some candidates, because that process takes the next ones of the same order.
    /// </summary>
    [SuppressMessage("Security", "CA5394", Justification = NotSecurity)]
    public void RecordRejection()
    {
        _rejectedAt = clock.GetTimestamp();
        for (var skipped = Random.Shared.Next(WaiterCount); skipped > 0; skipped--)
        {
            _candidates.TryDequeue(out _);
        }
    }

    private async Task LookAfter(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        int limit;
        lock (@lock)
        {
            (_currentLook, _nextLook) = (_nextLook!, null);
            (LookedAt, NeedsLook) = (clock.GetTimestamp(), false);
            limit = HasContention() ? MaxCandidates : Math.Clamp(2 * WaiterCount, MinCandidates, MaxCandidates);
        }

        var found = await reader.Read(tenant, pool, limit);
        lock (@lock)
        {
            Assign(found);
        }
    }

    [SuppressMessage("Security", "CA5394", Justification = NotSecurity)]
    private void Assign(IReadOnlyList<ClaimCandidate> found)
    {
        var candidates = found.ToArray();
        if (HasContention())
        {
            Random.Shared.Shuffle(candidates);
        }

        _candidates.Clear();
        foreach (var candidate in candidates)
        {
            _candidates.Enqueue(candidate);
        }

        while (Idle.Min is { } waiter && TryDequeue(out var candidate))
        {
            waiter.Accept(new ClaimOffer(this, candidate));
        }
    }

    private bool HasContention() => _rejectedAt is { } at && clock.GetElapsedTime(at) < ContentionTime;

    private bool TryDequeue([NotNullWhen(true)] out ClaimCandidate? candidate)
    {
        while (_candidates.TryDequeue(out candidate))
        {
            if (offered.TryAdd(tenant, candidate))
            {
                return true;
            }
        }

        return false;
    }
}
