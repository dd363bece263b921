namespace Runs.Store;

/// <summary>
/// Stores API keys that are created and revoked while servers run. <see cref="IRunStore.Initialize"/> creates the
/// storage for them.
/// </summary>
/// <remarks>Every method throws <see cref="StoreUnavailableException"/> when the store is unavailable.</remarks>
public interface IApiKeyStore
{
    /// <summary>Inserts the key.</summary>
    /// <returns>False when a key with this prefix exists; nothing has been changed in that case.</returns>
    Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the keys with these prefixes and omits prefixes without a key. At most 1,000 prefixes. One round trip.
    /// </summary>
    Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken);

    /// <summary>Returns the key with this prefix, or null. One round trip.</summary>
    async Task<ApiKeyRecord?> Find(string prefix, CancellationToken cancellationToken) =>
        await Find([prefix], cancellationToken) is [var key] ? key : null;

    /// <summary>
    /// Returns the keys of a tenant, or of all tenants if <paramref name="tenant"/> is null, oldest first.
    /// </summary>
    Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken);

    /// <summary>Sets the key's expiry to <paramref name="time"/>, unless the key expires earlier.</summary>
    /// <returns>False when the key does not exist.</returns>
    Task<bool> ExpireAt(string prefix, DateTimeOffset time, CancellationToken cancellationToken);
}
