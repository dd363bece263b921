using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Store;

namespace Runs.Tests.Security;

public sealed class ApiKeysTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CountingApiKeyStore _store = new();

    [Fact]
    public async Task Known_and_unknown_prefixes_are_read_once_per_cache_period()
    {
        var keys = Keys();
        _store.Keys["known"] = Key("known");

        for (var i = 0; i < 100; i++)
        {
            Assert.NotNull(await keys.Find("known"));
            Assert.Null(await keys.Find("unknown"));
        }

        Assert.Equal(2, _store.Reads);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await keys.Find("known");
        Assert.Equal(3, _store.Reads);
    }

    [Fact]
    public async Task A_key_is_found_with_few_reads_during_a_flood_of_unknown_prefixes_after_startup()
    {
        var keys = Keys();
        _store.Keys["known"] = Key("known");
        _store.PendingRead = new TaskCompletionSource();
        var first = keys.Find("first").AsTask();
        await Eventually.Holds(() => Task.FromResult(_store.Reads == 1));

        var unknown = Enumerable.Range(0, 9_999).Select(i => keys.Find($"made{i}").AsTask()).Append(first).ToList();
        var known = keys.Find("known").AsTask();
        _store.PendingRead.SetResult();

        Assert.NotNull(await known);
        Assert.All(await Task.WhenAll(unknown), Assert.Null);
        // The first read, and ten for the 10,000 prefixes that were queued during it.
        Assert.Equal((11, 1_000), (_store.Reads, _store.MaxPrefixesPerRead));
    }

    [Fact]
    public async Task A_flood_of_unknown_prefixes_does_not_block_the_refresh_of_a_known_key()
    {
        var keys = Keys();
        _store.Keys["known"] = Key("known");
        await keys.Find("known");
        _clock.Advance(TimeSpan.FromSeconds(6));

        var unknown = Enumerable.Range(0, 10_000).Select(i => keys.Find($"made{i}").AsTask()).ToList();

        Assert.NotNull(await keys.Find("known"));
        Assert.All(await Task.WhenAll(unknown), Assert.Null);
    }

    [Fact]
    public async Task A_lookup_beyond_the_queue_limit_fails_as_unavailable()
    {
        var lookup = CreateLookup;
        _store.PendingRead = new TaskCompletionSource();
        var first = lookup.Find("first", isKnown: false);
        await Eventually.Holds(() => Task.FromResult(_store.Reads == 1));

        var queued = Enumerable.Range(0, 20_000).Select(i => lookup.Find($"made{i}", isKnown: false)).Append(first).ToList();
        var beyond = lookup.Find("beyond", isKnown: false);
        _store.PendingRead.SetResult();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => beyond);
        Assert.All(await Task.WhenAll(queued), Assert.Null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_known_key_is_read_before_queued_unknown_prefixes(bool hasFailedSince)
    {
        var lookup = CreateLookup;
        var keys = new ApiKeyCache(lookup, Options.Create(new AuthOptions()), _clock);
        _store.Keys["known"] = Key("known");
        await keys.Find("known");
        _clock.Advance(TimeSpan.FromSeconds(6));
        if (hasFailedSince)
        {
            _store.IsUnavailable = true;
            await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.Find("known").AsTask());
            _store.IsUnavailable = false;
        }

        _store.PendingRead = new TaskCompletionSource();
        var reads = _store.Reads;
        var first = lookup.Find("first", isKnown: false);
        await Eventually.Holds(() => Task.FromResult(_store.Reads == reads + 1));
        var unknown = Enumerable.Range(0, 20_000).Select(i => lookup.Find($"made{i}", isKnown: false)).Append(first).ToList();
        var known = keys.Find("known").AsTask();
        _store.PendingRead.SetResult();

        Assert.NotNull(await known);
        Assert.Equal(reads + 1, _store.ReadsBefore["known"]);
        await Task.WhenAll(unknown);
    }

    [Fact]
    public async Task A_lookup_that_failed_with_StoreUnavailable_is_not_cached()
    {
        var keys = Keys();
        _store.Keys["known"] = Key("known");
        _store.IsUnavailable = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.Find("known").AsTask());

        _store.IsUnavailable = false;
        Assert.NotNull(await keys.Find("known"));
    }

    [Fact]
    public async Task Invalid_prefixes_and_disabled_stored_keys_cause_no_read()
    {
        var keys = Keys();
        var off = new ApiKeyCache(CreateLookup, Options.Create(new AuthOptions { AcceptStoredKeys = false }), _clock);

        Assert.Null(await keys.Find("a$b"));
        Assert.Null(await keys.Find(new string('a', 65)));
        Assert.Null(await off.Find("known"));
        Assert.Equal(0, _store.Reads);
    }

    private StoredKeyLookup CreateLookup => new(_store);

    private ApiKeyCache Keys() => new(CreateLookup, Options.Create(new AuthOptions()), _clock);

    private static ApiKeyRecord Key(string prefix) =>
        new() { Prefix = prefix, SecretSha256 = ApiKey.ComputeHash("s"), Tenant = "t", ActorType = "system" };

    private sealed class CountingApiKeyStore : IApiKeyStore
    {
        public Dictionary<string, ApiKeyRecord> Keys { get; } = [];

        public int Reads { get; private set; }

        public bool IsUnavailable { get; set; }

        /// <summary>For each prefix, the number of reads before its last read.</summary>
        public Dictionary<string, int> ReadsBefore { get; } = [];

        /// <summary>The highest number of prefixes in one read.</summary>
        public int MaxPrefixesPerRead { get; private set; }

        /// <summary>A task that every read awaits.</summary>
        public TaskCompletionSource? PendingRead { get; set; }

        public async Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken)
        {
            foreach (var prefix in prefixes)
            {
                ReadsBefore[prefix] = Reads;
            }

            Reads++;
            MaxPrefixesPerRead = Math.Max(MaxPrefixesPerRead, prefixes.Count);
            await (PendingRead?.Task ?? Task.CompletedTask);
            return IsUnavailable
                ? throw new StoreUnavailableException("unavailable", null)
                : [.. prefixes.Select(Keys.GetValueOrDefault).OfType<ApiKeyRecord>()];
        }

        public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> ExpireAt(string prefix, DateTimeOffset time, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
