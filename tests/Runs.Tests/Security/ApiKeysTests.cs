using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Api;
using Runs.Api.Security;
using Runs.Store;

namespace Runs.Tests.Security;

public sealed class ApiKeysTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CountingStore _store = new();

    [Fact]
    public async Task A_known_and_an_unknown_prefix_are_asked_for_once_in_the_cache_time()
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
    public async Task A_key_is_found_beside_a_flood_of_made_up_prefixes_right_after_the_start_for_few_reads()
    {
        var keys = Keys();
        _store.Keys["known"] = Key("known");
        _store.Answer = new TaskCompletionSource();
        var first = keys.Find("first").AsTask();
        await Eventually.Holds(() => Task.FromResult(_store.Reads == 1));

        var madeUp = Enumerable.Range(0, 9_999).Select(i => keys.Find($"made{i}").AsTask()).Append(first).ToList();
        var known = keys.Find("known").AsTask();
        _store.Answer.SetResult();

        Assert.NotNull(await known);
        Assert.All(await Task.WhenAll(madeUp), Assert.Null);
        Assert.Equal((11, 1_000), (_store.Reads, _store.MostPrefixes)); // the first, and ten for the 10,000 that were queued meanwhile
    }

    [Fact]
    public async Task Made_up_prefixes_lock_out_nobody_whose_key_has_to_be_asked_for_again()
    {
        var keys = Keys();
        _store.Keys["known"] = Key("known");
        await keys.Find("known");
        _clock.Advance(TimeSpan.FromSeconds(6));

        var madeUp = Enumerable.Range(0, 10_000).Select(i => keys.Find($"made{i}").AsTask()).ToList();

        Assert.NotNull(await keys.Find("known"));
        Assert.All(await Task.WhenAll(madeUp), Assert.Null);
    }

    [Fact]
    public async Task A_lookup_beyond_the_queue_limit_fails_as_unavailable()
    {
        var lookup = Lookup;
        _store.Answer = new TaskCompletionSource();
        var first = lookup.Find("first", isKnown: false);
        await Eventually.Holds(() => Task.FromResult(_store.Reads == 1));

        var queued = Enumerable.Range(0, 20_000).Select(i => lookup.Find($"made{i}", isKnown: false)).Append(first).ToList();
        var beyond = lookup.Find("beyond", isKnown: false);
        _store.Answer.SetResult();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => beyond);
        Assert.All(await Task.WhenAll(queued), Assert.Null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_that_was_known_is_read_before_a_full_queue_of_made_up_prefixes(bool hasFailedSince)
    {
        var lookup = Lookup;
        var keys = new ApiKeys(lookup, Options.Create(new AuthOptions()), _clock);
        _store.Keys["known"] = Key("known");
        await keys.Find("known");
        _clock.Advance(TimeSpan.FromSeconds(6));
        if (hasFailedSince)
        {
            _store.IsAway = true;
            await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.Find("known").AsTask());
            _store.IsAway = false;
        }

        _store.Answer = new TaskCompletionSource();
        var reads = _store.Reads;
        var first = lookup.Find("first", isKnown: false);
        await Eventually.Holds(() => Task.FromResult(_store.Reads == reads + 1));
        var madeUp = Enumerable.Range(0, 20_000).Select(i => lookup.Find($"made{i}", isKnown: false)).Append(first).ToList();
        var known = keys.Find("known").AsTask();
        _store.Answer.SetResult();

        Assert.NotNull(await known);
        Assert.Equal(reads + 1, _store.ReadsBefore["known"]);
        await Task.WhenAll(madeUp);
    }

    [Fact]
    public async Task A_store_that_is_away_is_no_verdict_and_is_asked_again()
    {
        var keys = Keys();
        _store.Keys["known"] = Key("known");
        _store.IsAway = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.Find("known").AsTask());

        _store.IsAway = false;
        Assert.NotNull(await keys.Find("known"));
    }

    [Fact]
    public async Task What_cannot_be_a_prefix_and_a_switched_off_store_are_not_asked_for()
    {
        var keys = Keys();
        var off = new ApiKeys(Lookup, Options.Create(new AuthOptions { StoredKeys = false }), _clock);

        Assert.Null(await keys.Find("a$b"));
        Assert.Null(await keys.Find(new string('a', 65)));
        Assert.Null(await off.Find("known"));
        Assert.Equal(0, _store.Reads);
    }

    // Its intervals are real.
    private StoredKeyLookup Lookup => new(_store, TimeProvider.System);

    private ApiKeys Keys() => new(Lookup, Options.Create(new AuthOptions()), _clock);

    private static ApiKeyRecord Key(string prefix) => new() { Prefix = prefix, SecretSha256 = ApiKey.HashOf("s"), Tenant = "t", ActorType = "system" };

    private sealed class CountingStore : IApiKeyStore
    {
        public Dictionary<string, ApiKeyRecord> Keys { get; } = [];

        public int Reads { get; private set; }

        public bool IsAway { get; set; }

        /// <summary>For each prefix, the number of reads before the last one that had it.</summary>
        public Dictionary<string, int> ReadsBefore { get; } = [];

        /// <summary>The most prefixes that one read had.</summary>
        public int MostPrefixes { get; private set; }

        /// <summary>What every read waits for.</summary>
        public TaskCompletionSource? Answer { get; set; }

        public async Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken)
        {
            foreach (var prefix in prefixes)
            {
                ReadsBefore[prefix] = Reads;
            }

            Reads++;
            MostPrefixes = Math.Max(MostPrefixes, prefixes.Count);
            await (Answer?.Task ?? Task.CompletedTask);
            return IsAway ? throw new StoreUnavailableException("away", null) : [.. prefixes.Select(Keys.GetValueOrDefault).OfType<ApiKeyRecord>()];
        }

        public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> End(string prefix, DateTimeOffset time, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
