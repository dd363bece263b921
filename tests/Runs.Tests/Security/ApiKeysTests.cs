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
        using var keys = Keys();
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
    public async Task Made_up_prefixes_ask_the_store_a_bounded_number_of_times_and_lock_nobody_out()
    {
        using var keys = Keys();
        _store.Keys["known"] = Key("known");
        await keys.Find("known");

        var refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            try
            {
                Assert.Null(await keys.Find($"made{i}"));
            }
            catch (StoreUnavailableException)
            {
                refused++;
            }
        }

        Assert.InRange(_store.Reads, 1, 2_000); // a hundred a second
        Assert.True(refused > 0);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(await keys.Find("known"));
    }

    [Fact]
    public async Task A_store_that_is_away_is_no_verdict_and_is_asked_again()
    {
        using var keys = Keys();
        _store.Keys["known"] = Key("known");
        _store.IsAway = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => keys.Find("known").AsTask());

        _store.IsAway = false;
        Assert.NotNull(await keys.Find("known"));
    }

    [Fact]
    public async Task What_cannot_be_a_prefix_and_a_switched_off_store_are_not_asked_for()
    {
        using var keys = Keys();
        using var off = new ApiKeys(_store, Options.Create(new AuthOptions { StoredKeys = false }), _clock);

        Assert.Null(await keys.Find("a$b"));
        Assert.Null(await keys.Find(new string('a', 65)));
        Assert.Null(await off.Find("known"));
        Assert.Equal(0, _store.Reads);
    }

    private ApiKeys Keys() => new(_store, Options.Create(new AuthOptions()), _clock);

    private static ApiKeyRecord Key(string prefix) => new() { Prefix = prefix, SecretSha256 = ApiKey.HashOf("s"), Tenant = "t", ActorType = "system" };

    private sealed class CountingStore : IApiKeyStore
    {
        public Dictionary<string, ApiKeyRecord> Keys { get; } = [];

        public int Reads { get; private set; }

        public bool IsAway { get; set; }

        public Task<ApiKeyRecord?> Find(string prefix, CancellationToken cancellationToken)
        {
            Reads++;
            return IsAway ? Task.FromException<ApiKeyRecord?>(new StoreUnavailableException("away", null)) : Task.FromResult(Keys.GetValueOrDefault(prefix));
        }

        public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> End(string prefix, DateTimeOffset time, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
