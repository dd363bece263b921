using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// The candidates that were assigned to a claim in the last seconds. A candidate may be in two pools, and a read of a
/// pool may begin before a claim is decided and end after it: without this, the same run would be assigned again. A run
/// that becomes ready again has another rank, so it is another candidate. Not synchronized.
/// </summary>
internal sealed class AssignedCandidates(TimeProvider clock)
{
    /// <summary>The time after which a candidate that still is in its pool is assigned again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Queue<((string Tenant, ClaimCandidate Candidate) Key, long At)> _order = new();
    private readonly Dictionary<(string Tenant, ClaimCandidate Candidate), long> _assigned = [];

    /// <summary>Adds a candidate that is assigned next. False if it was assigned less than two seconds ago.</summary>
    public bool TryAdd(string tenant, ClaimCandidate candidate)
    {
        RemoveExpired();
        var (key, now) = ((tenant, candidate), clock.GetTimestamp());
        if (!_assigned.TryAdd(key, now))
        {
            return false;
        }

        _order.Enqueue((key, now));
        return true;
    }

    /// <summary>Whether <see cref="TryAdd"/> would return false.</summary>
    public bool Contains(string tenant, ClaimCandidate candidate)
    {
        RemoveExpired();
        return _assigned.ContainsKey((tenant, candidate));
    }

    /// <summary>Removes a candidate that no claim was sent for.</summary>
    public void Remove(string tenant, ClaimCandidate candidate) => _assigned.Remove((tenant, candidate));

    private void RemoveExpired()
    {
        while (_order.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At) >= Interval)
        {
            _order.Dequeue();
            // Otherwise the candidate was removed, and maybe assigned again later.
            if (_assigned.TryGetValue(oldest.Key, out var assignedAt) && assignedAt == oldest.At)
            {
                _assigned.Remove(oldest.Key);
            }
        }
    }
}
