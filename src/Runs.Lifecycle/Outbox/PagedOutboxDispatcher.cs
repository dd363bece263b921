using System.Collections.Concurrent;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Publishes the outboxes of runs that are changed in pages. A page is published in the background while the next one
/// is processed, so that the messages of other runs do not wait behind all pages.
/// </summary>
/// <param name="dispatcher">Publishes the messages.</param>
/// <param name="maxConcurrentPages">The number of pages that are published at the same time.</param>
internal sealed class PagedOutboxDispatcher(OutboxDispatcher dispatcher, int maxConcurrentPages) : IOutboxDispatcher, IDisposable
{
    private readonly ConcurrentQueue<Run> _page = new();
    private readonly SemaphoreSlim _slots = new(maxConcurrentPages);

    /// <inheritdoc/>
    public void Enqueue(Run run) => _page.Enqueue(run);

    /// <summary>
    /// Publishes the messages of the runs that were enqueued so far, without waiting for the broker. Waits while
    /// earlier pages are published.
    /// </summary>
    public async Task CompletePage(CancellationToken stopping)
    {
        var runs = new List<Run>();
        while (_page.TryDequeue(out var run))
        {
            runs.Add(run);
        }

        if (runs.Count > 0)
        {
            await _slots.WaitAsync(stopping);
            _ = Dispatch(runs, stopping);
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task Dispatch(List<Run> runs, CancellationToken stopping)
    {
        try
        {
            await dispatcher.Dispatch(runs, stopping);
        }
        finally
        {
            _slots.Release();
        }
    }
}
