using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    /// <summary>The API keys of the store under test.</summary>
    protected abstract IApiKeyStore Keys { get; }

    [Fact]
    public async Task A_stored_key_is_found_by_its_prefix_as_it_was()
    {
        var (full, bare) = (Key("full"), new ApiKeyRecord { Prefix = "bare", SecretSha256 = "hash", Tenant = "dev", ActorType = "agent", CreatedAt = StoredRun.Noon });

        Assert.True(await Keys.TryInsert(full, default));
        Assert.True(await Keys.TryInsert(bare, default));

        Assert.Equivalent(full, await Keys.Find("full", default), strict: true);
        Assert.Equivalent(bare, await Keys.Find("bare", default), strict: true);
        Assert.Null(await Keys.Find("other", default));
        Assert.Equal(["bare", "full"], (await Keys.Find(["full", "other", "bare"], default)).Select(key => key.Prefix).Order());
    }

    [Fact]
    public async Task A_prefix_is_taken_once()
    {
        var key = Key("taken");
        await Keys.TryInsert(key, default);

        Assert.False(await Keys.TryInsert(key with { Tenant = "other" }, default));

        Assert.Equal("dev", (await Keys.Find("taken", default))!.Tenant);
    }

    [Fact]
    public async Task Keys_are_listed_by_tenant_oldest_first()
    {
        await Keys.TryInsert(Key("b") with { CreatedAt = StoredRun.Noon.AddHours(1) }, default);
        await Keys.TryInsert(Key("c") with { CreatedAt = StoredRun.Noon }, default);
        await Keys.TryInsert(Key("a") with { Tenant = "other", CreatedAt = StoredRun.Noon.AddHours(2) }, default);

        Assert.Equal(["c", "b"], (await Keys.List("dev", default)).Select(key => key.Prefix));
        Assert.Equal(["c", "b", "a"], (await Keys.List(tenant: null, default)).Select(key => key.Prefix));
    }

    [Fact]
    public async Task A_key_ends_at_the_earliest_of_its_ends()
    {
        await Keys.TryInsert(Key("open") with { NotAfter = null }, default);

        Assert.True(await Keys.End("open", StoredRun.Noon.AddHours(2), default));
        Assert.True(await Keys.End("open", StoredRun.Noon.AddHours(1), default));
        Assert.True(await Keys.End("open", StoredRun.Noon.AddHours(3), default));
        Assert.False(await Keys.End("none", StoredRun.Noon, default));

        Assert.Equal(StoredRun.Noon.AddHours(1), (await Keys.Find("open", default))!.NotAfter);
        Assert.Equal(StoredRun.Noon.AddHours(1), Assert.Single(await Keys.List("dev", default)).NotAfter);
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
        CreatedAt = StoredRun.Noon,
        NotBefore = StoredRun.Noon.AddDays(-1),
        NotAfter = StoredRun.Noon.AddDays(1),
    };
}
