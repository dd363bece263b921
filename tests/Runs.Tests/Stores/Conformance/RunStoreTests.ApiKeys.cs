using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    /// <summary>The API keys of the store under test.</summary>
    protected abstract IApiKeyStore ApiKeyStore { get; }

    [Fact]
    public async Task A_stored_key_is_found_unchanged_by_its_prefix()
    {
        var full = Key("full");
        var bare = new ApiKeyRecord
        {
            Prefix = "bare",
            SecretSha256 = "hash",
            Tenant = "dev",
            ActorType = "agent",
            CreatedAt = TestRuns.Noon,
        };

        Assert.True(await ApiKeyStore.TryInsert(full, default));
        Assert.True(await ApiKeyStore.TryInsert(bare, default));

        Assert.Equivalent(full, await ApiKeyStore.Find("full", default), strict: true);
        Assert.Equivalent(bare, await ApiKeyStore.Find("bare", default), strict: true);
        Assert.Null(await ApiKeyStore.Find("other", default));
        Assert.Equal(["bare", "full"], (await ApiKeyStore.Find(["full", "other", "bare"], default)).Select(key => key.Prefix).Order());
    }

    [Fact]
    public async Task A_prefix_can_be_inserted_only_once()
    {
        var key = Key("taken");
        await ApiKeyStore.TryInsert(key, default);

        Assert.False(await ApiKeyStore.TryInsert(key with { Tenant = "other" }, default));

        Assert.Equal("dev", (await ApiKeyStore.Find("taken", default))!.Tenant);
    }

    [Fact]
    public async Task Keys_are_listed_by_tenant_oldest_first()
    {
        await ApiKeyStore.TryInsert(Key("b") with { CreatedAt = TestRuns.Noon.AddHours(1) }, default);
        await ApiKeyStore.TryInsert(Key("c") with { CreatedAt = TestRuns.Noon }, default);
        await ApiKeyStore.TryInsert(Key("a") with { Tenant = "other", CreatedAt = TestRuns.Noon.AddHours(2) }, default);

        Assert.Equal(["c", "b"], (await ApiKeyStore.List("dev", default)).Select(key => key.Prefix));
        Assert.Equal(["c", "b", "a"], (await ApiKeyStore.List(tenant: null, default)).Select(key => key.Prefix));
    }

    [Fact]
    public async Task A_key_expires_at_the_earliest_of_its_expiry_times()
    {
        await ApiKeyStore.TryInsert(Key("open") with { NotAfter = null }, default);

        Assert.True(await ApiKeyStore.ExpireAt("open", TestRuns.Noon.AddHours(2), default));
        Assert.True(await ApiKeyStore.ExpireAt("open", TestRuns.Noon.AddHours(1), default));
        Assert.True(await ApiKeyStore.ExpireAt("open", TestRuns.Noon.AddHours(3), default));
        Assert.False(await ApiKeyStore.ExpireAt("none", TestRuns.Noon, default));

        Assert.Equal(TestRuns.Noon.AddHours(1), (await ApiKeyStore.Find("open", default))!.NotAfter);
        Assert.Equal(TestRuns.Noon.AddHours(1), Assert.Single(await ApiKeyStore.List("dev", default)).NotAfter);
    }

    private static ApiKeyRecord Key(string prefix) => new()
    {
        Prefix = prefix,
        SecretSha256 = "hash",
        Tenant = "dev",
        UserId = "user",
        Scopes = ["read", "write"],
        Projects = ["project"],
        ActorType = "human",
        CreatedAt = TestRuns.Noon,
        NotBefore = TestRuns.Noon.AddDays(-1),
        NotAfter = TestRuns.Noon.AddDays(1),
    };
}
