using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Finds API keys: configured keys, read once, and stored keys, cached for a few seconds. A request usually costs no
/// round trip, and a created or revoked key takes effect in every process within those seconds.
/// </summary>
internal sealed class ApiKeyCache(StoredKeyLookup lookup, IOptions<AuthOptions> options, TimeProvider clock)
{
    private readonly FrozenDictionary<string, ApiKeyRecord> _configuredKeys =
        options.Value.ApiKeys.ToFrozenDictionary(key => key.Prefix, ToRecord);

    private readonly LookupCache<string, ApiKeyRecord> _storedKeys = new(lookup, options.Value.KeyCacheDuration, clock);

    /// <summary>The key with this prefix, valid or not. Null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">
    /// The store does not answer, or too many lookups are queued.
    /// </exception>
    public ValueTask<ApiKeyRecord?> Find(string prefix) =>
        _configuredKeys.TryGetValue(prefix, out var configured) || !options.Value.AcceptStoredKeys || !ApiKey.IsValidPrefix(prefix)
            ? ValueTask.FromResult(configured)
            : _storedKeys.Find(prefix, options.Value.KeyCacheDuration);

    private static ApiKeyRecord ToRecord(ApiKeyOptions key) => new()
    {
        Prefix = key.Prefix,
        SecretSha256 = key.SecretSha256,
        Tenant = key.Tenant,
        UserId = key.UserId?.ToString(),
        Scopes = [.. key.Scopes is null ? Scopes.Default : Scopes.SplitSpaceDelimited(key.Scopes)],
        Projects = [.. Scopes.SplitSpaceDelimited(key.Projects ?? "").Select(project => project.ToLowerInvariant())],
        ActorType = key.ActorType,
        NotBefore = key.NotBefore,
        NotAfter = key.NotAfter,
    };
}
