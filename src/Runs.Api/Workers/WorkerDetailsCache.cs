using Microsoft.Extensions.Caching.Memory;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary>
/// Finds workers with their metadata and targets. These are read once for each version of a worker; its current version
/// is that of <see cref="WorkerCache"/>, which is read again when a token is unknown, so that a new registration
/// applies at once.
/// </summary>
internal sealed class WorkerDetailsCache(WorkerCache workers, IWorkerStore store, RequestLimits limits) : IDisposable
{
    private const long MaxCharacters = 16 * ByteSize.MiB;

    // What each entry costs besides its metadata and targets.
    private const long CharactersPerWorker = 1024;

    private readonly MemoryCache _details = new(new MemoryCacheOptions { SizeLimit = MaxCharacters });

    /// <summary>The worker of a caller, or the problem why it was not found.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async Task<Result<Worker>> Find(Caller caller, CancellationToken cancellationToken)
    {
        var id = caller.Worker!.Id;
        if (await workers.Find(id) is not { } current)
        {
            return Problems.WorkerNotFound();
        }

        if (_details.TryGetValue<Worker>(id, out var known) && known!.Version >= current.Version)
        {
            return known;
        }

        // Queued: after a restart, all workers of a tenant call at the same moment.
        var read = await limits.ReadQueued(
            caller.Tenant, () => store.Find(id, cancellationToken), Problems.WorkerNotFound, cancellationToken);
        if (read.IsSuccess)
        {
            _details.Set(id, read.Value, new MemoryCacheEntryOptions
            {
                Size = CharactersPerWorker + WorkerPage.CountCharacters(read.Value),
            });
        }

        return read;
    }

    public void Dispose() => _details.Dispose();
}
