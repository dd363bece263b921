using System.Collections.Concurrent;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Caches the results of lookups, also that there is no record. Concurrent requests share one lookup. A failed lookup
/// is not cached.
/// </summary>
/// <param name="lookup">The lookup.</param>
/// <param name="maxAge">
/// The age after which an entry may be removed when the cache is full. Every call names the age that it accepts.
/// </param>
/// <param name="clock">The clock of the ages.</param>
internal sealed class LookupCache<TKey, TRecord>(BatchedLookup<TKey, TRecord> lookup, TimeSpan maxAge, TimeProvider clock)
    where TKey : notnull
    where TRecord : class
{
    // Bounds the memory that made-up keys use.
    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private long _lastEvictionAt;

    /// <summary>Finds the record with this key, as of at most <paramref name="acceptedAge"/> ago, or null.</summary>
    /// <exception cref="StoreUnavailableException">
    /// The store does not answer, or too many lookups are queued.
    /// </exception>
    public async ValueTask<TRecord?> Find(TKey key, TimeSpan acceptedAge)
    {
        if (_entries.TryGetValue(key, out var cached) && clock.GetElapsedTime(cached.StartedAt) < acceptedAge)
        {
            return await cached.Record.Value;
        }

        if (cached is null)
        {
            EvictExpired();
        }

        var entry = new Entry(
            clock.GetTimestamp(), new Lazy<Task<TRecord?>>(() => lookup.Find(key, cached is { FoundRecord: true })));
        if (cached is null ? !_entries.TryAdd(key, entry) : !_entries.TryUpdate(key, entry, cached))
        {
            return await Find(key, acceptedAge); // another request has just started the lookup
        }

        try
        {
            return await entry.Record.Value;
        }
        catch
        {
            // The next call retries the lookup. A known key keeps its priority over unknown keys.
            _ = cached is null
                ? _entries.TryRemove(KeyValuePair.Create(key, entry))
                : _entries.TryUpdate(key, cached, entry);
            throw;
        }
    }

    /// <summary>Removes a record that this process has changed, so that the next call reads it.</summary>
    public void Remove(TKey key) => _entries.TryRemove(key, out _);

    // Scans all entries, so it runs at most once a second: made-up keys must not cause a scan for each request.
    private void EvictExpired()
    {
        var last = Interlocked.Read(ref _lastEvictionAt);
        if (_entries.Count < MaxEntries || clock.GetElapsedTime(last) < TimeSpan.FromSeconds(1)
            || Interlocked.CompareExchange(ref _lastEvictionAt, clock.GetTimestamp(), last) != last)
        {
            return;
        }

        foreach (var (key, entry) in _entries)
        {
            if (!entry.FoundRecord || clock.GetElapsedTime(entry.StartedAt) >= maxAge)
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    private sealed record Entry(long StartedAt, Lazy<Task<TRecord?>> Record)
    {
        public bool FoundRecord =>
            Record is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } task } && task.GetAwaiter().GetResult() is not null;
    }
}
