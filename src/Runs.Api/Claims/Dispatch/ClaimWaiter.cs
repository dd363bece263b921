namespace Runs.Api.Claims;

/// <summary>
/// One claim of a worker, while it waits for a candidate or sends a command for one. All members are used under the
/// lock of <see cref="ClaimDispatcher"/>.
/// </summary>
/// <param name="number">The position among all waiters: one that arrived earlier gets a candidate earlier.</param>
/// <param name="queues">The pools in which the worker looks for runs.</param>
internal sealed class ClaimWaiter(long number, IReadOnlyList<ClaimQueue> queues)
{
    private TaskCompletionSource<AssignedCandidate>? _assignment;
    private AssignedCandidate? _candidate;
    private int _nextQueue;

    public long Number => number;

    public IReadOnlyList<ClaimQueue> Queues => queues;

    /// <summary>
    /// Takes a candidate that is assigned to no claim, if there is one. The pools take turns, so that one with many
    /// runs does not hide the others.
    /// </summary>
    public AssignedCandidate? TryTake()
    {
        for (var i = 0; i < queues.Count; i++)
        {
            var queue = queues[_nextQueue];
            _nextQueue = (_nextQueue + 1) % queues.Count;
            if (queue.TryTake() is { } candidate)
            {
                return new AssignedCandidate(queue, candidate);
            }
        }

        return null;
    }

    /// <summary>Waits in all of its pools for a candidate.</summary>
    public Task<AssignedCandidate> Wait()
    {
        _candidate = null;
        _assignment = new TaskCompletionSource<AssignedCandidate>(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var queue in queues)
        {
            queue.Waiters.Add(this);
        }

        return _assignment.Task;
    }

    /// <summary>Ends the wait with a candidate.</summary>
    public void Accept(AssignedCandidate candidate)
    {
        StopWaiting();
        _nextQueue = (IndexOf(candidate.Queue) + 1) % queues.Count;
        _candidate = candidate;
        _assignment!.SetResult(candidate);
    }

    /// <summary>Ends the wait. The candidate that was assigned meanwhile, or null.</summary>
    public AssignedCandidate? StopWaiting()
    {
        foreach (var queue in queues)
        {
            queue.Waiters.Remove(this);
        }

        return _candidate;
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
