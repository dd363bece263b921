using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Finds workers and their tokens, cached for <see cref="AuthOptions.WorkerCacheDuration"/>. A token that the cached
/// worker does not have is looked up again: another process may just have created it. Made-up tokens of one worker
/// cause at most one read a second.
/// </summary>
internal sealed class WorkerCache(WorkerLookup lookup, IOptions<AuthOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan MaxAgeForUnknownToken = TimeSpan.FromSeconds(1);

    private readonly LookupCache<Guid, Worker> _workers = new(lookup, options.Value.WorkerCacheDuration, clock);

    /// <summary>
    /// The worker with this id, revoked or not, without metadata and targets. Null when there is none.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// The store does not answer, or too many lookups are queued.
    /// </exception>
    public ValueTask<Worker?> Find(Guid id) => _workers.Find(id, options.Value.WorkerCacheDuration);

    /// <summary>The worker whose valid token has this hash, and the token. Null when there is none.</summary>
    /// <inheritdoc cref="Find" path="/exception"/>
    public async ValueTask<(Worker Worker, WorkerToken Token)?> FindByToken(Guid id, string sha256) =>
        FindToken(await Find(id), sha256) ?? FindToken(await _workers.Find(id, MinAge(MaxAgeForUnknownToken)), sha256);

    /// <summary>Removes a worker that this process has changed.</summary>
    public void Remove(Guid id) => _workers.Remove(id);

    private TimeSpan MinAge(TimeSpan age) => age < options.Value.WorkerCacheDuration ? age : options.Value.WorkerCacheDuration;

    // Compares with every token, so that the duration does not depend on which of them matches.
    private (Worker Worker, WorkerToken Token)? FindToken(Worker? worker, string sha256)
    {
        WorkerToken? found = null;
        foreach (var token in worker?.Tokens ?? [])
        {
            found = WorkerTokenFormat.HashesEqual(token.Sha256, sha256) ? token : found;
        }

        return worker is { RevokedAt: null } && found?.IsValidAt(clock.GetUtcNow()) == true ? (worker, found) : null;
    }
}
