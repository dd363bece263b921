using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Security;

/// <summary>
/// The API keys: those of the configuration, read once, and those of the store, remembered for a few seconds. So a call usually costs no round trip, and a key that is made or
/// revoked counts everywhere soon.
/// </summary>
internal sealed class ApiKeys(StoredKeyLookup lookup, IOptions<AuthOptions> options, TimeProvider clock)
{
    // Bounds what callers with made-up prefixes cost in memory.
    private const int MaxRemembered = 10_000;

    private readonly FrozenDictionary<string, ApiKeyRecord> _configured = options.Value.ApiKeys.ToFrozenDictionary(key => key.Prefix, ToRecord);
    private readonly ConcurrentDictionary<string, Answer> _stored = new();
    private long _roomMadeAt;

    /// <summary>The key with this prefix, valid or not; null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer, or is asked for too many prefixes at once.</exception>
    public async ValueTask<ApiKeyRecord?> Find(string prefix)
    {
        if (_configured.TryGetValue(prefix, out var configured) || !options.Value.StoredKeys || !ApiKey.IsPrefix(prefix))
        {
            return configured;
        }

        if (_stored.TryGetValue(prefix, out var known) && clock.GetElapsedTime(known.AskedAt) < options.Value.KeyCacheTime)
        {
            return await known.Key.Value;
        }

        if (known is null)
        {
            MakeRoom();
        }

        var asked = new Answer(clock.GetTimestamp(), new Lazy<Task<ApiKeyRecord?>>(() => lookup.Find(prefix, known is { Exists: true })));
        if (known is null ? !_stored.TryAdd(prefix, asked) : !_stored.TryUpdate(prefix, asked, known))
        {
            return await Find(prefix); // another call has just asked
        }

        try
        {
            return await asked.Key.Value;
        }
        catch
        {
            // The next call asks again, and a key that was known is still read before made-up ones.
            _ = known is null ? _stored.TryRemove(KeyValuePair.Create(prefix, asked)) : _stored.TryUpdate(prefix, known, asked);
            throw;
        }
    }

    private static ApiKeyRecord ToRecord(ApiKeyOptions key) => new()
    {
        Prefix = key.Prefix,
        SecretSha256 = key.SecretSha256,
        Tenant = key.Tenant,
        UserId = key.UserId?.ToString(),
        Scopes = [.. key.Scopes is null ? Scopes.Default : Scopes.Words(key.Scopes)],
        Projects = [.. Scopes.Words(key.Projects ?? "").Select(project => project.ToLowerInvariant())],
        ActorType = key.ActorType,
        NotBefore = key.NotBefore,
        NotAfter = key.NotAfter,
    };

    // Looks at all of them, so not more often than once a second: made-up prefixes must not make it the work of each call.
    private void MakeRoom()
    {
        var last = Interlocked.Read(ref _roomMadeAt);
        if (_stored.Count < MaxRemembered || clock.GetElapsedTime(last) < TimeSpan.FromSeconds(1)
            || Interlocked.CompareExchange(ref _roomMadeAt, clock.GetTimestamp(), last) != last)
        {
            return;
        }

        foreach (var (prefix, answer) in _stored)
        {
            if (!answer.Exists || clock.GetElapsedTime(answer.AskedAt) >= options.Value.KeyCacheTime)
            {
                _stored.TryRemove(prefix, out _);
            }
        }
    }

    private sealed record Answer(long AskedAt, Lazy<Task<ApiKeyRecord?>> Key)
    {
        public bool Exists => Key is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } task } && task.GetAwaiter().GetResult() is not null;
    }
}
