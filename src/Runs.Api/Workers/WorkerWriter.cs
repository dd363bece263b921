using Runs.Store;

namespace Runs.Api.Workers;

/// <summary>
/// Changes workers. Several processes may change a worker at the same time: each change is a conditional write, and is
/// decided again after a concurrency conflict, so that none is lost.
/// </summary>
internal sealed class WorkerWriter(IWorkerStore store, WorkerCache cache)
{
    // One of the writers that compete succeeds in each round. A worker has few processes.
    private const int MaxConflicts = 50;

    private static readonly TimeSpan InitialDelay = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Stores the change that <paramref name="decide"/> returns.</summary>
    /// <param name="id">The worker's id.</param>
    /// <param name="decide">
    /// Returns the next version of the stored worker, or null to change nothing. Gets null when there is no worker. Is
    /// called again after a conflict.
    /// </param>
    /// <param name="cancellationToken">Cancels before a write.</param>
    /// <returns>The worker that was stored; null when nothing was changed.</returns>
    /// <exception cref="StoreUnavailableException">
    /// The store does not answer, or there were too many conflicts.
    /// </exception>
    public async Task<Worker?> Update(Guid id, Func<Worker?, Worker?> decide, CancellationToken cancellationToken)
    {
        for (var conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            var stored = await store.Find(id, cancellationToken);
            if (decide(stored) is not { } next)
            {
                return null;
            }

            if (await TryWrite(stored, next, cancellationToken))
            {
                cache.Remove(id);
                return next;
            }

            await JitteredBackoff.Delay(conflicts, InitialDelay, MaxDelay, cancellationToken);
        }

        throw new StoreUnavailableException($"Worker {id} was changed by others {MaxConflicts} times.", null) { NothingWritten = true };
    }

    private Task<bool> TryWrite(Worker? stored, Worker next, CancellationToken cancellationToken) => stored is null
        ? store.TryInsert(next, cancellationToken)
        : store.TryReplace(next, stored.Version, cancellationToken);
}
