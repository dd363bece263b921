namespace Runs.Api.Claims;

/// <summary>
/// One claim of a worker, while it waits for a candidate or sends a command for one. All members are used under the
/// lock of <see cref="ClaimDispatcher"/>.
/// </summary>
/// <param name="number">The position among all waiters: one that arrived earlier gets a candidate earlier.</param>
/// <param name="queues">The pools in which the worker looks for runs.</param>
internal sealed class ClaimWaiter(long number, IReadOnlyList<ClaimQueue> queues)
{
    private TaskCompletionSource<ClaimOffer>? _assigned;
    private ClaimOffer? _offer;
    private int _nextQueue;

    public long Number => number;

    public IReadOnlyList<ClaimQueue> Queues => queues;

    /// <summary>
    /// Takes a candidate that is assigned to no claim, if there is one. The pools take turns, so that one with many
    /// runs does not hide the others.
    /// </summary>
    public ClaimOffer? TryTake()
    {
        for (var i = 0; i < queues.Count; i++)
        {
            var queue = queues[_nextQueue];
            _nextQueue = (_nextQueue + 1) % queues.Count;
            if (queue.TryTake() is { } candidate)
            {
                return new ClaimOffer(queue, candidate);
            }
        }

        return null;
    }

    /// <summary>Waits in all of its pools for a candidate.</summary>
    public Task<ClaimOffer> Wait()
    {
        _offer = null;
        _assigned = new TaskCompletionSource<ClaimOffer>(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var queue in queues)
        {
            queue.Idle.Add(this);
        }

        return _assigned.Task;
    }

    /// <summary>Ends the wait with a candidate.</summary>
    public void Accept(ClaimOffer offer)
    {
        StopWaiting();
        _nextQueue = (IndexOf(offer.Queue) + 1) % queues.Count;
        _offer = offer;
        _assigned!.SetResult(offer);
    }

    /// <summary>Ends the wait. The candidate that was assigned meanwhile, or null.</summary>
    public ClaimOffer? StopWaiting()
    {
        foreach (var queue in queues)
        {
            queue.Idle.Remove(this);
        }

        return _offer;
    }

    private int IndexOf(ClaimQueue queue)
    {
        var index = 0;
        while (queues[index] != queue)
        {
            index++;
        }

        return index;
    }
}
