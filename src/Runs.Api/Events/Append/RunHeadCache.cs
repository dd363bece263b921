using Microsoft.Extensions.Caching.Memory;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// The heads of running runs that this process appended to, so that the next append need not read the run. A head may
/// be stale: the write of an append verifies it. Never used to answer reads.
/// </summary>
internal sealed class RunHeadCache : IDisposable
{
    private const int MaxHeads = 10_000;

    private static readonly MemoryCacheEntryOptions EntryOptions = new() { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(5) };

    private readonly MemoryCache _heads = new(new MemoryCacheOptions { SizeLimit = MaxHeads });

    /// <summary>The number of heads, 10,000 at most.</summary>
    public int Count => _heads.Count;

    /// <summary>Returns the head of a run, or null, and removes it: it is valid for one append.</summary>
    public RunHead? Take(Guid id)
    {
        var head = _heads.Get<RunHead>(id);
        if (head is not null)
        {
            _heads.Remove(id);
        }

        return head;
    }

    /// <summary>
    /// Stores the head after an append to a running run. Metadata and errors can be large: heads with them are not
    /// stored.
    /// </summary>
    public void Store(RunHead head)
    {
        if (head.Run is { Status: RunStatuses.Running, Metadata: null, Error: null })
        {
            _heads.Set(head.Run.Id, head, EntryOptions);
        }
    }

    public void Dispose() => _heads.Dispose();
}
