using System.Collections.Concurrent;
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
    // Bounds the memory that made-up prefixes use.
    private const int MaxCachedKeys = 10_000;

    private readonly FrozenDictionary<string, ApiKeyRecord> _configuredKeys =
        options.Value.ApiKeys.ToFrozenDictionary(key => key.Prefix, ToRecord);

    private readonly ConcurrentDictionary<string, CachedLookup> _cachedLookups = new();
    private long _lastEvictionAt;

    /// <summary>The key with this prefix, valid or not. Null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">
    /// The store does not answer, or too many lookups are queued.
    /// </exception>
    public async ValueTask<ApiKeyRecord?> Find(string prefix)
    {
        if (_configuredKeys.TryGetValue(prefix, out var configured) || !options.Value.AcceptStoredKeys || !ApiKey.IsValidPrefix(prefix))
        {
            return configured;
        }

        if (_cachedLookups.TryGetValue(prefix, out var cached) && clock.GetElapsedTime(cached.StartedAt) < options.Value.KeyCacheDuration)
        {
            return await cached.Key.Value;
        }

        if (cached is null)
        {
            EvictExpired();
        }

        var lookupEntry = new CachedLookup(
            clock.GetTimestamp(), new Lazy<Task<ApiKeyRecord?>>(() => lookup.Find(prefix, cached is { FoundKey: true })));
        if (cached is null ? !_cachedLookups.TryAdd(prefix, lookupEntry) : !_cachedLookups.TryUpdate(prefix, lookupEntry, cached))
        {
            return await Find(prefix); // another request has just started the lookup
        }

        try
        {
            return await lookupEntry.Key.Value;
        }
        catch
        {
            // The next call retries the lookup. A known key keeps its priority over unknown prefixes.
            _ = cached is null
                ? _cachedLookups.TryRemove(KeyValuePair.Create(prefix, lookupEntry))
                : _cachedLookups.TryUpdate(prefix, cached, lookupEntry);
            throw;
        }
    }

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

    // Scans all entries, so it runs at most once a second: made-up prefixes must not cause a scan for each request.
    private void EvictExpired()
    {
        var last = Interlocked.Read(ref _lastEvictionAt);
        if (_cachedLookups.Count < MaxCachedKeys || clock.GetElapsedTime(last) < TimeSpan.FromSeconds(1)
            || Interlocked.CompareExchange(ref _lastEvictionAt, clock.GetTimestamp(), last) != last)
        {
            return;
        }

        foreach (var (prefix, cached) in _cachedLookups)
        {
            if (!cached.FoundKey || clock.GetElapsedTime(cached.StartedAt) >= options.Value.KeyCacheDuration)
            {
                _cachedLookups.TryRemove(prefix, out _);
            }
        }
    }

    private sealed record CachedLookup(long StartedAt, Lazy<Task<ApiKeyRecord?>> Key)
    {
        public bool FoundKey =>
            Key is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } task } && task.GetAwaiter().GetResult() is not null;
    }
}
