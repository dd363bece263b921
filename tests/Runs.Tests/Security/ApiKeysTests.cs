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

        var madeUp = Enumerable.Range(0, 10_000).Select(i => keys.Find($"made{i}").AsTask()).ToList();
        var known = await keys.Find("known");

        Assert.NotNull(known);
        Assert.All(await Task.WhenAll(madeUp), Assert.Null);
        Assert.InRange(_store.Reads, 1, 100);
        Assert.InRange(_store.MostPrefixes, 1, 1_000);
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
    public async Task More_calls_than_can_wait_are_no_verdict()
    {
        var lookup = Lookup;
        _store.Answer = new TaskCompletionSource();

        var calls = Enumerable.Range(0, 30_000).Select(i => lookup.Find($"made{i}")).ToList();
        var rejected = calls.FindAll(call => call.IsFaulted);
        _store.Answer.SetResult();

        Assert.InRange(rejected.Count, 1, 10_000);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => rejected[0]);
        Assert.All(await Task.WhenAll(calls.Except(rejected)), Assert.Null);
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

    // Its pauses are real.
    private StoredKeyLookup Lookup => new(_store, TimeProvider.System);

    private ApiKeys Keys() => new(Lookup, Options.Create(new AuthOptions()), _clock);

    private static ApiKeyRecord Key(string prefix) => new() { Prefix = prefix, SecretSha256 = ApiKey.HashOf("s"), Tenant = "t", ActorType = "system" };

    private sealed class CountingStore : IApiKeyStore
    {
        public Dictionary<string, ApiKeyRecord> Keys { get; } = [];

        public int Reads { get; private set; }

        public bool IsAway { get; set; }

        /// <summary>The most prefixes that one read had.</summary>
        public int MostPrefixes { get; private set; }

        /// <summary>What every read waits for.</summary>
        public TaskCompletionSource? Answer { get; set; }

        public async Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken)
        {
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
