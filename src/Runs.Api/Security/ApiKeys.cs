using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Security;

/// <summary>
/// The API keys: those of the configuration, read once, and those of the store, remembered for a few seconds. So a call usually costs no round trip, and a key that is made or
/// revoked counts everywhere soon.
/// </summary>
internal sealed class ApiKeys(IApiKeyStore store, IOptions<AuthOptions> options, TimeProvider clock) : IDisposable
{
    // Bounds what callers with made-up prefixes cost: store reads a second, and remembered answers.
    private const int MaxUnknownReads = 100;
    private const int MaxRemembered = 10_000;

    private readonly FrozenDictionary<string, ApiKeyRecord> _configured = options.Value.ApiKeys.ToFrozenDictionary(key => key.Prefix, ToRecord);
    private readonly ConcurrentDictionary<string, Answer> _stored = new();
    private readonly TokenBucketRateLimiter _unknownReads = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = MaxUnknownReads,
        TokensPerPeriod = MaxUnknownReads,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });

    /// <summary>The key with this prefix, valid or not; null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer, or is asked for too many unknown prefixes.</exception>
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

        // A key that was there is asked for again in any case: a flood of unknown prefixes must not lock out its owner.
        if (known is not { Exists: true })
        {
            LimitUnknown();
        }

        var asked = new Answer(clock.GetTimestamp(), new Lazy<Task<ApiKeyRecord?>>(() => store.Find(prefix, CancellationToken.None)));
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
            // The next call asks again; that the key was there is remembered.
            if (known is { Exists: true })
            {
                _stored.TryUpdate(prefix, known, asked);
            }
            else
            {
                _stored.TryRemove(KeyValuePair.Create(prefix, asked));
            }

            throw;
        }
    }

    public void Dispose() => _unknownReads.Dispose();

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

    private void LimitUnknown()
    {
        using var lease = _unknownReads.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            throw new StoreUnavailableException("Too many calls with unknown API keys.", null);
        }

        if (_stored.Count >= MaxRemembered)
        {
            foreach (var (prefix, answer) in _stored)
            {
                if (!answer.Exists)
                {
                    _stored.TryRemove(prefix, out _);
                }
            }
        }
    }

    private sealed record Answer(long AskedAt, Lazy<Task<ApiKeyRecord?>> Key)
    {
        public bool Exists => Key is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } task } && task.GetAwaiter().GetResult() is not null;
    }
}
