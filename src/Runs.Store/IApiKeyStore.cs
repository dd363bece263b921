namespace Runs.Store;

/// <summary>Where API keys live that are made and revoked while servers run. <see cref="IRunStore.Prepare"/> makes its place.</summary>
/// <remarks>A store that does not answer throws <see cref="StoreUnavailableException"/>.</remarks>
public interface IApiKeyStore
{
    /// <summary>Inserts the key.</summary>
    /// <returns>False when there is a key with this prefix; then nothing was changed.</returns>
    Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken);

    /// <summary>The keys with these prefixes; those that do not exist are left out. At most 1,000 prefixes. One round trip.</summary>
    Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken);

    /// <summary>The key with this prefix, or null. One round trip.</summary>
    async Task<ApiKeyRecord?> Find(string prefix, CancellationToken cancellationToken) => await Find([prefix], cancellationToken) is [var key] ? key : null;

    /// <summary>The keys of a tenant, or of all tenants, oldest first.</summary>
    Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken);

    /// <summary>Lets the key cease to be valid at <paramref name="time"/>, unless it ceases before.</summary>
    /// <returns>False when there is no such key.</returns>
    Task<bool> End(string prefix, DateTimeOffset time, CancellationToken cancellationToken);
}
